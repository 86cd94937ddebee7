using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class StatusReporterTests
{
    private readonly FakeTimeProvider time = new(Given.Now);
    private readonly FakePools pools = new();
    private readonly Recorder recorder = new();
    private readonly StatusReporter reporter;

    public StatusReporterTests() => reporter = new(pools, recorder, recorder, new(), new(), time);

    [Fact]
    public void TheFirstStatusIsWrittenAtOnceAndTheNextAtMostEveryTwoSeconds()
    {
        Offer(Report());
        Assert.Equal([Given.Linux], ControlRig.Drain(reporter.Keys));
        Offer(Report());
        Offer(Report());
        Assert.Empty(ControlRig.Drain(reporter.Keys));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([Given.Linux], ControlRig.Drain(reporter.Keys));
    }

    [Fact]
    public void MetricsAreSetWhenTheyChange()
    {
        var report = Report(1, ("Ready", true, "Serving")) with { Unserved = Unserved(2) };
        PoolReport[] others =
        [
            report with { Generation = 2 }, report with { Jobs = new(1, 0, 1) }, report with { MaxRunners = 3 },
            report with { Runners = new(1, 0, 0, 0, 0) }, report with { OldestWait = TimeSpan.FromSeconds(1) },
            report with { Unserved = Unserved(3) }, Report(1, ("Ready", true, "Other")) with { Unserved = Unserved(2) },
        ];
        for (var i = 0; i < 10; i++)
            Offer(Report(1, ("Ready", true, "Serving")) with { Unserved = Unserved(2) });
        Assert.Single(recorder.Shown);
        foreach (var other in others)
        {
            Offer(other);
            Offer(report);
        }
        Assert.Equal(1 + (2 * others.Length), recorder.Shown.Count);
        reporter.Forget(Given.Linux);
        Offer(report);
        Assert.Equal(2 + (2 * others.Length), recorder.Shown.Count);
    }

    private static ImmutableDictionary<WaitReason, int> Unserved(int count) =>
        ImmutableDictionary<WaitReason, int>.Empty.Add(WaitReason.NotAssigned, count);

    [Fact]
    public async Task TheLatestReportIsWritten()
    {
        Offer(Report(1));
        Offer(Report(2));
        Assert.True(await Write());
        Assert.Equal([2], pools.Reports.Select(r => r.Generation));
        pools.Writes = false;
        Assert.False(await Write());
        reporter.Forget(Given.Linux);
        Assert.True(await Write());
    }

    [Fact]
    public void OnlyNewsIsPublished()
    {
        Offer(Report(1, ("Ready", true, "Serving"), ("AtCapacity", false, "SlotsFree")));
        Assert.Empty(recorder.Events);
        Offer(Report(1, ("Ready", false, "PodsFail"), ("AtCapacity", true, "PoolFull")));
        Offer(Report(1, ("Ready", false, "PodsFail"), ("AtCapacity", true, "PoolFull")));
        Offer(Report(1, ("Ready", true, "Serving"), ("AtCapacity", true, "PoolFull")));
        Assert.Equal(
            [(true, "PodsFail"), (true, "PoolFull"), (false, "Serving")],
            recorder.Events.Select(e => (e.Warning, e.Reason)));
    }

    [Fact]
    public void WhatIsBadFromTheStartIsPublishedAndWhatIsUnknownIsNot()
    {
        Offer(Report(1, ("Ready", false, "SpecInvalid"), ("QueueRead", null, "NotReadYet")));
        Assert.Equal([(true, "SpecInvalid")], recorder.Events.Select(e => (e.Warning, e.Reason)));
    }

    private async Task<bool> Write() =>
        await reporter.WriteAsync(Given.Linux, TestContext.Current.CancellationToken) == ReconcileResult.Done;

    private void Offer(PoolReport report) =>
        reporter.Offer(new() { Key = Given.Linux, Report = report, Fleet = Given.Fleet(), At = time.GetUtcNow() });

    private static PoolReport Report(
        long generation = 1, params (string Type, bool? Holds, string Reason)[] conditions) =>
        new()
        {
            Generation = generation,
            Conditions = [.. conditions.Select(c => new PoolCondition(c.Type, c.Holds, c.Reason, "."))],
        };
}
