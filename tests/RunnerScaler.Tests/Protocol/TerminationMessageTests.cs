using System.Text;
using CsCheck;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Protocol;

/// <summary>The last words of a pod, from the pod's side and from the controller's.</summary>
public sealed class TerminationMessageTests
{
    private static readonly Gen<TimeSpan> Times =
        Gen.Long[0, 5L * 24 * 3600 * 1000].Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds));

    private static readonly Gen<(int? Steps, int? Cached)> Steps = Gen.OneOf(
        Gen.Const<(int?, int?)>((null, null)),
        Gen.Int[0, 100_000].SelectMany(all => Gen.Int[0, all].Select(some => ((int?)all, (int?)some))));

    private static readonly Gen<DateTimeOffset?> Moments = Gen.OneOf(
        Gen.Const((DateTimeOffset?)null),
        Gen.Long[0, 4_000_000_000_000].Select(ms => (DateTimeOffset?)DateTimeOffset.FromUnixTimeMilliseconds(ms)));

    private static readonly Gen<Build> Builds = Gen.Select(
        Gen.Enum<BuildCommand>(), Gen.Enum<BuildResult>(), Times, Steps, Moments,
        (command, result, time, steps, began) => new Build(command, result, time, steps.Steps, steps.Cached)
        {
            BeganAt = began,
        });

    private static readonly Gen<StartTimes> Starts = Gen.Select(Times.Nullable(), Times.Nullable(), Times.Nullable(),
        (builder, claim, listener) => new StartTimes(builder, claim, listener));

    private static readonly Gen<JobReport?> Jobs = Gen.Frequency(
        (1, Gen.Const((JobReport?)null)),
        (3, Gen.Select(Names(), Names(), Gen.Long[1, 1L << 53], Times,
            (owner, name, run, time) => (JobReport?)new JobReport($"{owner}/{name}", run, time))));

    private static readonly Gen<string?> Problems = Gen.Frequency(
        (1, Gen.Const((string?)null)),
        (3, Gen.String[Gen.Char['!', '~'], 1, 500].Select(s => (string?)s)));

    /// <summary>As the pod writes it, whatever happened: text may be anything, builds may be too many.</summary>
    private static readonly Gen<TerminationMessage> Said = Messages(
        Gen.OneOf(Problems, HostileText.Texts.Select(s => (string?)s), Gen.String[0, 6000].Select(s => (string?)s)),
        Builds.Array[0, 60]);

    [Fact]
    public void TheLineIsAsDocumented()
    {
        var said = new TerminationMessage
        {
            RanJob = true,
            ExitCode = 0,
            Outcome = ExitOutcome.JobSucceeded,
            Job = new("Acme/web.site", 8_000_000_000, Seconds(61.5)),
            Start = new(Seconds(1.2041), Seconds(0.011), null),
            Builds =
            [
                new(BuildCommand.Build, BuildResult.Success, Seconds(12.345), 9, 4)
                {
                    BeganAt = DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_123),
                },
                new(BuildCommand.Bake, BuildResult.Failure, Seconds(2), null, null),
            ],
        };

        Assert.Equal("""
            {"ranJob":true,"exitCode":0,"outcome":"JobSucceeded",
            "job":{"repository":"Acme/web.site","runId":8000000000,"seconds":61.5},"problem":null,
            "phases":{"builder":1.204,"claim":0.011},
            "builds":[{"command":"build","result":"success","seconds":12.345,"began":1767225600.123,"steps":9,
            "cachedSteps":4},{"command":"bake","result":"failure","seconds":2,"steps":null,"cachedSteps":null}],
            "buildsOmitted":0}
            """.ReplaceLineEndings(""), Encoding.UTF8.GetString(said.Write()));
    }

    [Fact]
    public void TheControllerReadsWhatThePodHasWritten() => Messages(Problems, Builds.Array[0, 24]).Sample(said =>
    {
        var read = Read(said.Write());
        var told = said.Builds.Length - read.BuildsOmitted;
        Assert.InRange(read.BuildsOmitted, 0, said.Builds.Length);
        Assert.Equal(said.Builds.Take(told), read.Builds);
        Assert.Equal(said with { Builds = [], BuildsOmitted = 0 }, read with { Builds = [], BuildsOmitted = 0 });
    });

    /// <summary>Whatever is put in, Kubernetes keeps all of it, and no build is lost without being counted.</summary>
    [Fact]
    public void ItAlwaysFits() => Said.Sample(said =>
    {
        var bytes = said.Write();
        Assert.InRange(bytes.Length, 2, TerminationMessage.MostBytes);
        Assert.DoesNotContain((byte)'\n', bytes);
        var read = Read(bytes);
        Assert.False(read.Unreadable);
        Assert.Equal((said.RanJob, said.ExitCode, said.Outcome), (read.RanJob, read.ExitCode, read.Outcome));
        Assert.Equal(said.Builds.Length, read.Builds.Length + read.BuildsOmitted);
        Assert.Equal(bytes, read.Write());
    });

    /// <summary>Whoever writes in the program's place: it is read, and what is read is in bounds.</summary>
    [Fact]
    public void WhateverIsSaidIsRead() => HostileText.Texts.Sample(text =>
    {
        var read = TerminationMessage.Read(text);
        Assert.InRange(read.Builds.Length, 0, TerminationMessage.MostBuilds);
        Assert.All(read.Builds, b => Assert.Equal(b, b.Bounded));
        Assert.InRange(read.BuildsOmitted, 0, 1_000_000);
        Assert.InRange(read.Problem?.Length ?? 1, 1, TerminationMessage.LongestProblem);
        Assert.DoesNotContain(read.Problem ?? "", char.IsControl);
        Assert.InRange(read.Write().Length, 2, TerminationMessage.MostBytes);
    });

    [Fact]
    public void BytesThatAreNoTextAreRead() => HostileText.Bytes.Sample(bytes =>
        Assert.InRange(Read(bytes).Builds.Length, 0, TerminationMessage.MostBuilds));

    /// <summary>The kubelet cuts where the room ends.</summary>
    [Fact]
    public void ALineThatIsCutIsUnreadable() => Gen.Select(Said, Gen.Double[0, 1]).Sample((said, part) =>
    {
        var line = Encoding.UTF8.GetString(said.Write());
        var cut = line[..(int)((line.Length - 1) * part)];
        Assert.Equal(cut.Length > 0, TerminationMessage.Read(cut).Unreadable);
    });

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
        var deep = new string('[', 2000) + new string(']', 2000);
        Assert.True(TerminationMessage.Read($$"""{"ranJob":true,"x":{{deep}}}""").Unreadable);
        Assert.True(TerminationMessage.Read($$"""{"ranJob":true,"x":"{{new string('x', 5000)}}"}""").Unreadable);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("panic: something else")]
    [InlineData("[1]")]
    [InlineData("""{"ranJob":true,"problem":null}""")]
    public void WordsOfAnotherProgramAreNoUnreadableOnes(string? message) =>
        Assert.False(TerminationMessage.Read(message).Unreadable);

    [Theory]
    [InlineData("\"JobInterrupted\"", "JobInterrupted")]
    [InlineData("\"RunnerOutdated\"", "RunnerOutdated")]
    [InlineData("\"Other\"", null)]
    [InlineData("\"jobinterrupted\"", null)]
    [InlineData("\" NoJob\"", null)]
    [InlineData("\"NoJob, NoJob\"", null)]
    [InlineData("\"1\"", null)]
    [InlineData("1", null)]
    [InlineData("null", null)]
    public void OnlyWordsOfTheProtocolAreOutcomes(string outcome, string? read) =>
        Assert.Equal(read, TerminationMessage.Read($$"""{"outcome":{{outcome}}}""").Outcome?.ToString());

    [Theory]
    [InlineData("""{"command":"rm -rf","result":"success","seconds":1}""")]
    [InlineData("""{"command":"Build","result":"success","seconds":1}""")]
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

    [Fact]
    public void ABuildThatCannotBeIsCountedAndNotWritten()
    {
        var endless = new Build(BuildCommand.Build, BuildResult.Success, TimeSpan.FromDays(6), 9, 4);
        var read = Read(new TerminationMessage { Builds = [endless] }.Write());
        Assert.Equal((0, 1), (read.Builds.Length, read.BuildsOmitted));
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
        Assert.Equal([new Build(BuildCommand.Build, BuildResult.Failure, Seconds(2), null, null)], read.Builds);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1e300")]
    [InlineData("-1e300")]
    [InlineData("7258118401")]
    [InlineData("\"2026-01-01T00:00:00Z\"")]
    [InlineData("{}")]
    public void ATimeThatCannotBeIsNotKnown(string began) => Assert.Equal(
        [new Build(BuildCommand.Build, BuildResult.Failure, Seconds(2), null, null)],
        TerminationMessage.Read(
            $$"""{"builds":[{"command":"build","result":"failure","seconds":2,"began":{{began}}}]}""").Builds);

    [Fact]
    public void AProblemIsOneLineOfBoundedLength()
    {
        var said = TerminationMessage.Read($$"""{"problem":"no\nsocket{{new string('x', 3000)}}"}""").Problem!;
        Assert.StartsWith("no socketx", said, StringComparison.Ordinal);
        Assert.Equal(TerminationMessage.LongestProblem, said.Length);
    }

    [Fact]
    public void MoreBuildsThanAreListedAreNotRead()
    {
        var build = """{"command":"build","result":"success","seconds":1}""";
        var many = string.Join(',', Enumerable.Repeat(build, 70));
        Assert.Equal(TerminationMessage.MostBuilds,
            TerminationMessage.Read($$"""{"builds":[{{many}}]}""").Builds.Length);
    }

    /// <summary>A job can write any: it is one job that can be, or none.</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"acme/web\"")]
    [InlineData("""{"repository":"acme/web","seconds":1}""")]
    [InlineData("""{"repository":"acme/web","runId":1}""")]
    [InlineData("""{"repository":"acme/web","runId":1,"seconds":-1}""")]
    [InlineData("""{"repository":"acme/web","runId":1,"seconds":1e300}""")]
    [InlineData("""{"repository":"acme/web","runId":0,"seconds":1}""")]
    [InlineData("""{"repository":"acme/web","runId":-1,"seconds":1}""")]
    [InlineData("""{"repository":"acme/web","runId":9007199254740993,"seconds":1}""")]
    [InlineData("""{"repository":"acme/web","runId":1e99,"seconds":1}""")]
    [InlineData("""{"repository":"acme/web","runId":"1","seconds":1}""")]
    [InlineData("""{"repository":"acme","runId":1,"seconds":1}""")]
    [InlineData("""{"repository":"acme/web/x","runId":1,"seconds":1}""")]
    [InlineData("""{"repository":"acme/web\n","runId":1,"seconds":1}""")]
    [InlineData("""{"repository":"acme/\u202e","runId":1,"seconds":1}""")]
    [InlineData("""{"repository":"\ud800/web","runId":1,"seconds":1}""")]
    public void WhatIsNoJobIsNone(string job)
    {
        var read = TerminationMessage.Read($$"""{"ranJob":true,"job":{{job}}}""");

        Assert.Null(read.Job);
        Assert.Equal((true, false), (read.RanJob, read.Unreadable));
    }

    /// <summary>What is written is what is read: a name that cannot be is not written either.</summary>
    [Fact]
    public void AJobThatCannotBeIsNotWritten() => Assert.Null(
        Read(new TerminationMessage { RanJob = true, Job = new(new string('x', 300), 1, default) }.Write()).Job);

    private static Gen<string> Names() => Gen.String[Gen.Char["abcXYZ019._-"], 1, 100];

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TerminationMessage Read(byte[] bytes) => TerminationMessage.Read(Encoding.UTF8.GetString(bytes));

    private static Gen<TerminationMessage> Messages(Gen<string?> problems, Gen<Build[]> builds) => Gen.Select(
        Gen.Bool.Nullable(), Gen.Int.Nullable(), Gen.Enum<ExitOutcome>().Nullable(), Jobs, problems, Starts, builds,
        (ran, code, outcome, job, problem, start, all) => new TerminationMessage
        {
            RanJob = ran,
            ExitCode = code,
            Outcome = outcome,
            Job = job,
            Problem = problem,
            Start = start,
            Builds = [.. all],
        });
}
