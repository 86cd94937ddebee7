using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>Slots whose pods do not start although those of others do.</summary>
public sealed class SlotHistoryTests : IDisposable
{
    private readonly ControlRig rig = new();
    private int lives;

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task TheSlotThatFailedRestsAndTheNextJobGetsAnother()
    {
        Fail(0);
        Assert.Equal("1", await Created());
        Start(1);
        Fail(0, again: true);
        Assert.Equal("1", await Created());
        var rest = Assert.Single(Resting());
        Assert.Equal((0, 2, TimeSpan.FromMinutes(2)), (rest.Slot, rest.Failures, rest.Until - rest.FailedAt));
        Assert.Contains("'linux-0'", rest.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheRestGrowsIsBoundedAndEnds()
    {
        for (var i = 0; i < 12; i++)
            Fail(0);
        var rest = Assert.Single(Resting());
        Assert.Equal(SlotRest.Longest, rest.Until - rest.FailedAt);
        rig.Time.Advance(SlotRest.Longest);
        Assert.Empty(Resting());
        Assert.Equal("0", await Created());
    }

    [Fact]
    public void WhatFailsInOneSlotAloneIsNoFailureOfThePool()
    {
        for (var i = 0; i < 10; i++)
        {
            Start(1);
            Fail(0, again: true);
        }
        Assert.InRange(rig.Get<PoolHistory>().FailuresOf(Given.Linux).Length, 0, 1);
    }

    [Fact]
    public void WhatFailsInSeveralSlotsIsAFailureOfThePoolAlthoughOneWorkedBefore()
    {
        Start(9);
        for (var slot = 0; slot < 5; slot++)
            Fail(slot);
        Assert.Equal(4, rig.Get<PoolHistory>().FailuresOf(Given.Linux).Length);
    }

    [Fact]
    public void APoolOfOneSlotKeepsItsPauses()
    {
        for (var i = 0; i < 5; i++)
            Fail(0);
        Assert.Equal(5, rig.Get<PoolHistory>().FailuresOf(Given.Linux).Length);
    }

    [Fact]
    public void ASlotWhosePodStartsRestsNoMore()
    {
        Fail(0);
        Start(0);
        Assert.Empty(Resting());
    }

    [Fact]
    public void APodThatWasRetiredOrHadAJobIsNoFailureOfItsSlot()
    {
        rig.Pods.Put(Next(0));
        rig.Get<RunnerNotes>().Update(Given.Uid(0), n => n with { Retiring = OutcomeKind.Retired });
        rig.Pods.Remove(0);
        rig.Pods.Put(Given.Ended(1, ranJob: true));
        rig.Pods.Remove(1);
        Assert.Empty(Resting());
    }

    [Fact]
    public async Task ASlotWhosePodCannotBeCreatedRestsToo()
    {
        rig.Pods.OnCreate = () => new CreateResult.Refused(Given.Problem(ProblemReason.PodRefused));
        rig.Queue(Given.Job());
        rig.Pass();
        await rig.Get<WriteBounds>().WhenIdleAsync();
        Assert.Equal(0, Assert.Single(Resting()).Slot);
    }

    [Fact]
    public void ThePoolSaysWhichSlotRestsAndForgetsItWithAnotherSpec()
    {
        Fail(0);
        rig.Pass();
        var (warning, _, note) = Assert.Single(rig.Recorder.Events, e => e.Reason == "PodsDoNotStart");
        Assert.True(warning);
        Assert.Contains("Slot 0 rests until 2026-01-05 12:01:00Z", note, StringComparison.Ordinal);
        rig.Pools.Put(Given.Pool(), generation: 2);
        rig.Pass();
        Assert.Empty(Resting());
    }

    private SlotRest[] Resting() => [.. rig.Get<SlotHistory>().Observe(Given.Linux, Given.Fleet())];

    private PodFacts Next(int slot) => Given.Pod(slot, PodPhase.Pending) with { CreatedAt = rig.Time.GetUtcNow() };

    // A pod that was never heard of: it was given up at its deadline.
    private void Fail(int slot, bool again = false)
    {
        if (again)
            rig.Time.Advance(TimeSpan.FromSeconds(10));
        rig.Pods.Put(Next(slot));
        rig.Get<RunnerNotes>().Update(Given.Uid(slot), n => n with { Retiring = OutcomeKind.StartDeadline });
        rig.Pods.Remove(slot);
    }

    private void Start(int slot)
    {
        var uid = $"{++lives:x8}-0000-4000-8000-000000000000";
        rig.Pods.Put(Next(slot) with { Uid = uid });
        rig.Get<RunnerNotes>().Update(
            uid, n => n with { ClaimedAt = rig.Time.GetUtcNow(), Retiring = OutcomeKind.Retired });
        rig.Pass();
        rig.Pods.Remove(slot);
    }

    private async Task<string> Created()
    {
        var before = rig.Journal.Entries.Length;
        rig.Queue(Given.Job());
        rig.Pass();
        await rig.Get<WriteBounds>().WhenIdleAsync();
        var made = rig.Journal.Entries[before..].Where(e => e.StartsWith("create", StringComparison.Ordinal))
            .Select(e => int.Parse(e.Split(' ')[1], null)).ToArray();
        foreach (var slot in made)
        {
            rig.Get<RunnerNotes>().Update(Given.Uid(slot), n => n with { Retiring = OutcomeKind.Retired });
            rig.Pods.Remove(slot);
        }
        rig.Queue();
        return string.Join(" ", made);
    }
}
