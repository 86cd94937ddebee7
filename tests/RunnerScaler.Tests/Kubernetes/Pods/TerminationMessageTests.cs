using CsCheck;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling;

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
