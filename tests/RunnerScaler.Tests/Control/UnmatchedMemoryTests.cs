using RunnerScaler.Control.State;
using RunnerScaler.Control.Terms;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>What jobs asked for in vain is remembered when they are gone, and never takes much space.</summary>
public sealed class UnmatchedMemoryTests
{
    private readonly UnmatchedMemory memory = new();

    [Fact]
    public void APassRemembersWhatNoPoolServes()
    {
        using var rig = new ControlRig();
        rig.Queue(Given.Job(1), Given.Job(2, labels: "self-hosted windows"), Given.Job(3, labels: "ubuntu-latest"));
        rig.Pass();
        rig.Queue();
        rig.Pass();
        var asked = Assert.Single(rig.Get<InquiryHandler>().Gather().Unmatched);
        Assert.Equal(Given.Labels("self-hosted windows"), asked.Labels);
        Assert.Equal([(2L, Given.Now)], asked.Jobs);
    }

    [Fact]
    public async Task AnotherTermKnowsTheSame()
    {
        using var rig = new ControlRig(follows: true);
        rig.Get<UnmatchedMemory>().Saw(Given.Pool(), [Asking(1, "acme/app", "self-hosted windows")], Given.Now);
        using var stop = new CancellationTokenSource();
        var running = rig.Get<Scaler>().RunAsync(stop.Token);
        rig.Get<LeaderGate>().Hold(rig.Time.GetTimestamp(), TimeSpan.FromDays(1));
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Single(rig.Get<InquiryHandler>().Gather().Unmatched);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public void ARepositoryThatAsksForMuchPushesOutNoOther()
    {
        Saw(0, Asking(1, "acme/app", "self-hosted windows"));
        for (var i = 0; i < 3; i++)
            Saw(1 + i, Flood(i, label => $"label-{label}"));
        Assert.Equal(UnmatchedMemory.Most, memory.All.Length);
        Assert.Single(memory.All, l => l.Repository == Given.Repository());
        Assert.All(memory.All.Where(l => l.Repository != Given.Repository()), l =>
            Assert.True(l.SeenAt > Given.Now.AddMinutes(1)));
    }

    [Fact]
    public void TheLabelsTakeABoundedSpace()
    {
        Saw(0, Asking(1, "acme/app", "self-hosted windows"));
        Saw(1, Flood(0, label => $"label-{label}-{new string('x', 50_000)}"));
        Assert.InRange(
            memory.All.Sum(l => l.Labels.Sum(label => label.Length)), 1, UnmatchedMemory.MostCharacters);
        Assert.Single(memory.All, l => l.Repository == Given.Repository());
    }

    [Fact]
    public void WhatIsAskedForNewlyIsNewsOnceAndOnceAMinute()
    {
        var windows = Asking(1, "acme/app", "self-hosted windows");
        var macos = Asking(2, "acme/app", "self-hosted macos");
        Assert.Equal([windows.Labels], News(0, windows));
        Assert.Empty(News(0.5, windows, macos));
        Assert.Equal([macos.Labels], News(1, windows, macos));
        Assert.Empty(News(2, windows, macos));
        Assert.Empty(News(60 * 23, windows));
        Assert.Equal([macos.Labels], News(60 * 25, windows, macos));
    }

    [Fact]
    public void AFurtherSetOfLabelsHasAnEventWhileTheConditionIsBad()
    {
        using var rig = new ControlRig();
        var first = Given.Job(1, labels: "self-hosted windows");
        rig.Queue(first);
        rig.Pass();
        Assert.Equal(["NoPoolMatches"], rig.Recorder.Events.Select(e => e.Reason));
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        rig.Queue(first, Given.Job(2, labels: "self-hosted gpu"), Given.Job(3, labels: "self-hosted linux-x"));
        rig.Pass();
        rig.Pass();
        var (warning, reason, note) = rig.Recorder.Events[^1];
        Assert.Equal((2, true, "LabelsUnmatched"), (rig.Recorder.Events.Count, warning, reason));
        Assert.Contains("[gpu, self-hosted], which no pool has; this pool comes near", note, StringComparison.Ordinal);
        Assert.EndsWith(" 1 more set of labels as well.", note, StringComparison.Ordinal);
    }

    private IEnumerable<LabelSet> News(double minutes, params Job[] jobs) =>
        memory.Saw(Given.Pool(), [.. jobs], Given.Now.AddMinutes(minutes)).Select(l => l.Labels);

    [Fact]
    public void ADayLaterNothingIsKept()
    {
        Saw(0, Asking(1, "acme/app", "self-hosted windows"));
        Saw(24 * 60, Asking(2, "acme/app", "self-hosted macos"));
        Assert.Equal([2L], memory.All.SelectMany(l => l.Jobs).Select(j => j.Id));
    }

    private static Job[] Flood(int round, Func<int, string> label) =>
    [
        .. Enumerable.Range(round * 1000, 1000).Select(i => Asking(100 + i, "acme/flood", $"self-hosted {label(i)}")),
    ];

    private static Job Asking(long id, string repository, string labels) => Given.Job(id, repository, labels);

    private void Saw(double minutes, params Job[] jobs) =>
        memory.Saw(Given.Pool(), [.. jobs], Given.Now.AddMinutes(minutes));
}
