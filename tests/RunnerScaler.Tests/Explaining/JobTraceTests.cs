using RunnerScaler.Explaining;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

public sealed class JobTraceTests
{
    private static readonly DateTimeOffset Queued = Given.Now;

    [Fact]
    public void AJobIsToldFromTheQueueToItsEnd()
    {
        var trace = JobTrace.Of(Ended())!;
        Assert.Equal(new("job", Queued, At(100)), trace.Root);
        Assert.Equal(
            ["detect 0-2", "create 2-3", "schedule 3-5", "start 5-9", "claim 9-10", "register 11-12", "assign 12-20",
                "run 20-100"],
            Shown(trace));
        Assert.False(trace.Failed);
    }

    [Fact]
    public void WhatAPodDidBeforeTheJobWasQueuedIsNoPartOfIt()
    {
        var trace = JobTrace.Of(Ended() with
        {
            CreatedAt = At(-60),
            ScheduledAt = At(-58),
            StartedAt = At(-50),
            ClaimedAt = At(-49),
        })!;
        Assert.Equal(["detect 0-2", "register 11-12", "assign 12-20", "run 20-100"], Shown(trace));
        Assert.Contains(("runnerscaler.standby", true), trace.Attributes);
    }

    [Fact]
    public void APodThatWasOnItsWayWhenTheJobWasQueuedIsToldFromThen()
    {
        var trace = JobTrace.Of(Ended() with { CreatedAt = At(-3), ScheduledAt = At(-1), JobSeenAt = At(2) })!;
        Assert.Equal(["detect 0-2", "start 2-9", "claim 9-10"], Shown(trace)[..3]);
    }

    [Fact]
    public void ClocksThatDifferMakeNoPartOverlapAnother()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            DateTimeOffset? Any() => random.Next(5) == 0 ? null : At(random.Next(-50, 150));
            var trace = JobTrace.Of(Ended() with
            {
                JobSeenAt = Any(),
                CreatedAt = Any(),
                ScheduledAt = Any(),
                StartedAt = Any(),
                ClaimedAt = Any(),
                RegisteredAt = Any(),
            })!;
            var at = trace.Root.From;
            foreach (var part in trace.Parts)
            {
                Assert.True(at <= part.From && part.From < part.To && part.To <= trace.Root.To, $"{part}");
                at = part.To;
            }
        }
    }

    [Theory]
    [InlineData("success", false)]
    [InlineData("failure", true)]
    [InlineData("cancelled", true)]
    [InlineData(null, true)]
    public void OnlyAJobThatFailedIsAnError(string? conclusion, bool failed) => Assert.Equal(
        failed, JobTrace.Of(Ended() with { Job = Job() with { Conclusion = conclusion } })!.Failed);

    [Fact]
    public void WithoutTheEndOfItsJobThereIsNoTrace()
    {
        Assert.Null(JobTrace.Of(Ended() with { Job = null }));
        Assert.Null(JobTrace.Of(Ended() with { Job = Job() with { CompletedAt = null } }));
        Assert.Null(JobTrace.Of(Ended() with { Job = Job() with { CompletedAt = Queued } }));
    }

    [Fact]
    public void WhatOthersWroteIsBoundedAndOnOneLine()
    {
        var trace = JobTrace.Of(Ended() with
        {
            Job = Job() with { Name = "a\nb\u001b[31m" + new string('x', 5000), Conclusion = new string('y', 5000) },
            Node = new string('z', 5000),
        })!;
        foreach (var (name, value) in trace.Attributes)
            Assert.True(value is not string text || (text.Length < 250 && !text.Any(char.IsControl)), name);
    }

    [Theory]
    [InlineData(0, "start 5-10 claim 10-14")]
    [InlineData(1, "start 5-10 builder 10-11 claim 11-14")]
    [InlineData(4, "start 5-10 builder 10-14")]
    [InlineData(400_000, "start 5-10 builder 10-14")]
    public void TheBuilderIsWaitedForBeforeTheClaim(int seconds, string expected)
    {
        var trace = JobTrace.Of(Ended() with
        {
            StartedAt = At(10),
            BuilderTook = TimeSpan.FromSeconds(seconds),
            ClaimedAt = At(14),
            Grant = Given.Grant(0) with { At = At(15) },
            RegisteredAt = At(16),
        })!;
        Assert.Equal(
            $"detect 0-2 create 2-3 schedule 3-5 {expected} register 15-16 assign 16-20 run 20-100",
            string.Join(' ', Shown(trace)));
    }

    [Fact]
    public void EachBuildThatSaysWhenItBeganIsTold()
    {
        static Build Of(int? began, double seconds) =>
            new(BuildCommand.Bake, BuildResult.Failure, TimeSpan.FromSeconds(seconds), 9, 4)
            {
                BeganAt = began is { } at ? At(at) : null,
            };
        var trace = JobTrace.Of(Ended() with
        {
            Builds = [Of(30, 5), Of(32, 10), Of(null, 7), Of(10, 12), Of(95, 90), Of(200, 1), Of(-50, 3), Of(40, 0)],
        })!;
        Assert.Equal(
            ["30-35", "32-42", "20-22", "95-100"], trace.Builds.Select(b => $"{Seconds(b.From)}-{Seconds(b.To)}"));
        Assert.All(trace.Builds, b => Assert.Equal(("build", 9), (b.Name, b.Build?.Steps)));
        Assert.Contains(("runnerscaler.builds", 8), trace.Attributes);
    }

    [Fact]
    public void BuildsAreCountedAndTimed()
    {
        var build = new Build(BuildCommand.Build, BuildResult.Success, TimeSpan.FromSeconds(4), null, null);
        var trace = JobTrace.Of(Ended() with { Builds = [build, build] })!;
        Assert.Contains(("runnerscaler.builds", 2), trace.Attributes);
        Assert.Contains(("runnerscaler.build_seconds", 8.0), trace.Attributes);
    }

    private static string[] Shown(JobTrace trace) =>
        [.. trace.Parts.Select(p => $"{p.Name} {Seconds(p.From)}-{Seconds(p.To)}")];

    private static int Seconds(DateTimeOffset time) => (int)(time - Queued).TotalSeconds;

    private static DateTimeOffset At(int seconds) => Queued.AddSeconds(seconds);

    private static Job Job() => Given.Job(runner: Given.RunnerName(0)) with
    {
        State = JobState.Completed,
        QueuedAt = Queued,
        StartedAt = At(20),
        CompletedAt = At(100),
        Conclusion = "success",
    };

    private static EndedRunner Ended() => Told.Ended() with
    {
        Job = Job(),
        Node = "node-1",
        JobSeenAt = At(2),
        CreatedAt = At(3),
        ScheduledAt = At(5),
        StartedAt = At(9),
        ClaimedAt = At(10),
        Grant = Given.Grant(0) with { At = At(11) },
        RegisteredAt = At(12),
        EndedAt = At(102),
    };
}
