using RunnerScaler.Control.Reconcile;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class RunnerNewsTests : IDisposable
{
    private readonly ControlRig rig = new();

    public RunnerNewsTests() => rig.Pods.Changed += rig.Get<RunnerNews>().Changed;

    private int Passes => ControlRig.Drain(rig.Get<Queues>().Runners).Length;

    public void Dispose() => rig.Dispose();

    /// <summary>A pod changes ten times and more; there is something to do at its end.</summary>
    [Fact]
    public async Task ALifeCostsNoPassThatDoesNothing()
    {
        rig.Pods.Put(Given.Pod(0, PodPhase.Pending) with { ScheduledAt = null, AcceptedAt = null });
        rig.Pods.Change(0, p => p with { ScheduledAt = Given.Now });
        rig.Pods.Change(0, p => p with { AcceptedAt = Given.Now });
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Running, StartedAt = Given.Now });
        var name = await rig.Granted0();
        rig.Queue(Given.Job(state: JobState.Running, runner: name));
        rig.Pods.Change(0, p => p with { DescribedJob = Given.Job().Id });
        rig.Pods.Change(0, p => p with { WaitingReason = "x" });
        rig.Pods.Change(0, p => p with { WaitingReason = null });
        Assert.Equal(0, Passes);
        rig.Pods.Put(Given.Ended(rig.Pods.InCluster(0)!, ranJob: true));
        Assert.Equal(1, Passes);
        rig.Pods.Remove(0);
        Assert.Equal(1, Passes);
    }

    [Fact]
    public void WhatIsToBeDoneLaterIsLookedAtThen()
    {
        rig.Pods.Put(Given.Pod(0, PodPhase.Pending));
        Assert.Equal(0, Passes);
        rig.Time.Advance(new Deadlines().Start);
        Assert.Equal(1, Passes);
    }

    [Fact]
    public void WhatIsThereWhenATermBeginsIsLookedAtIfThereIsSomethingToDo()
    {
        rig.Get<RunnerNews>().Consider(Given.Pod(1));
        Assert.Equal(0, Passes);
        rig.Get<RunnerNews>().Consider(Given.Ended(2));
        Assert.Equal(1, Passes);
    }

    [Fact]
    public async Task APodThatVanishesLeavesItsSlotWithoutTheFailuresOfBefore()
    {
        var queue = rig.Get<Queues>().Runners;
        rig.Pods.Put(Given.Ended(0));
        Assert.True((await queue.TakeAsync(TimeSpan.Zero, TestContext.Current.CancellationToken)).Taken);
        queue.Return(new(Given.Linux, 0), ReconcileResult.Retry());
        rig.Pods.Remove(0);
        Assert.Equal(1, Passes);
    }
}
