using CsCheck;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed class TerminationMessageTests
{
    [Fact]
    public void TheWholeLineIsRead()
    {
        var read = TerminationMessage.Read("""
            {"ranJob":true,"exitCode":0,"outcome":"JobSucceeded","problem":null,"phases":{"claim":0.01},
             "builds":[{"command":"build","result":"success","seconds":12.5,"steps":9,"cachedSteps":4},
                       {"command":"bake","result":"canceled","seconds":0,"steps":null,"cachedSteps":null}],
             "buildsOmitted":0}
            """);

        Assert.Equal((true, null), (read.RanJob, read.Problem));
        Assert.Equal(
            [
                new Build(BuildCommand.Build, BuildResult.Success, TimeSpan.FromSeconds(12.5), 9, 4),
                new Build(BuildCommand.Bake, BuildResult.Canceled, TimeSpan.Zero, null, null),
            ],
            read.Builds);
    }

    [Theory]
    [InlineData("""{"ranJob":true,"problem":"\ud800"}""", true)]
    [InlineData("""{"ranJob":true,"problem":7}""", true)]
    [InlineData("""{"ranJob":true,"\udc00":1,"problem":"\ud800\ud800"}""", true)]
    [InlineData("""{"ranJob":1e999}""", null)]
    [InlineData("""{"ranJob":"yes"}""", null)]
    [InlineData("""{"ranJob":true,"ranJob":{} }""", null)]
    [InlineData("""{"ranJob":true""", null)]
    [InlineData("""{"ranJob":tru""", null)]
    public void WhatAJobSpoilsIsUnreadableAndNothingMore(string message, bool? ranJob)
    {
        var read = TerminationMessage.Read(message);
        Assert.Equal((ranJob, null, true), (read.RanJob, read.Problem, read.Unreadable));
        Assert.Empty(read.Builds);
    }

    [Fact]
    public void AMessageThatNestsOrGrowsWithoutEndIsUnreadable()
    {
        var deep = new string('[', 4000) + new string(']', 4000);
        Assert.True(TerminationMessage.Read($$"""{"ranJob":true,"x":{{deep}}}""").Unreadable);
        Assert.True(TerminationMessage.Read($$"""{"ranJob":true,"x":"{{new string('x', 300_000)}}"}""").Unreadable);
    }

    [Theory]
    [InlineData("")]
    [InlineData("panic: something else")]
    [InlineData("[1]")]
    [InlineData("""{"ranJob":true,"problem":null}""")]
    public void WordsOfAnotherProgramAreNoUnreadableOnes(string message) =>
        Assert.False(TerminationMessage.Read(message).Unreadable);

    [Theory]
    [InlineData("\"JobInterrupted\"", "JobInterrupted")]
    [InlineData("\"RunnerOutdated\"", "RunnerOutdated")]
    [InlineData("\"Other\"", "Other")]
    [InlineData("\"jobinterrupted\"", "Other")]
    [InlineData("\"1\"", "Other")]
    [InlineData("1", "Other")]
    [InlineData("null", "Other")]
    public void OnlyTheWordsThatAreToldFurtherAreRead(string outcome, string read) => Assert.Equal(
        Enum.Parse<ExitOutcome>(read), TerminationMessage.Read($$"""{"outcome":{{outcome}}}""").Outcome);

    [Theory]
    [InlineData("""{"command":"rm -rf","result":"success","seconds":1}""")]
    [InlineData("""{"command":"build","result":"splendid","seconds":1}""")]
    [InlineData("""{"command":"build","result":"success"}""")]
    [InlineData("""{"command":"build","result":"success","seconds":"1"}""")]
    [InlineData("""{"command":"build","result":"success","seconds":-1}""")]
    [InlineData("""{"command":"build","result":"success","seconds":1e300}""")]
    [InlineData("""{"command":"build","result":"success","seconds":1e9}""")]
    [InlineData("""17""")]
    public void ABuildThatCannotBeIsLeftOut(string build)
    {
        var read = TerminationMessage.Read($$"""{"ranJob":false,"builds":[{{build}}]}""");
        Assert.Equal(false, read.RanJob);
        Assert.Empty(read.Builds);
    }

    [Theory]
    [InlineData("5", "6")]
    [InlineData("5", "-1")]
    [InlineData("-5", "0")]
    [InlineData("99999999", "1")]
    [InlineData("null", "3")]
    [InlineData("5", "null")]
    public void StepsThatDoNotAddUpAreNotKnown(string steps, string cached)
    {
        var read = TerminationMessage.Read(
            "{\"builds\":[{\"command\":\"build\",\"result\":\"failure\",\"seconds\":2,"
            + $"\"steps\":{steps},\"cachedSteps\":{cached}}}]}}");
        Assert.Equal([new Build(BuildCommand.Build, BuildResult.Failure, TimeSpan.FromSeconds(2), null, null)],
            read.Builds);
    }

    [Fact]
    public void AProblemIsOneLineOfBoundedLength()
    {
        var said = TerminationMessage.Read($$"""{"problem":"no\nsocket{{new string('x', 5000)}}"}""").Problem!;
        Assert.StartsWith("no socketx", said, StringComparison.Ordinal);
        Assert.Equal(501, said.Length);
    }

    [Fact]
    public void MoreBuildsThanAJobCanHaveAreNotCounted()
    {
        var build = """{"command":"build","result":"success","seconds":1}""";
        var many = string.Join(',', Enumerable.Repeat(build, 1000));
        Assert.Equal(64, TerminationMessage.Read($$"""{"builds":[{{many}}]}""").Builds.Length);
    }

    [Fact]
    public void NoTextBreaksIt() =>
        Gen.String.Sample(text => TerminationMessage.Read(text).Builds.Length <= 64);
}
