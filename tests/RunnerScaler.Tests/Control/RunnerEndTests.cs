using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Sweep;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>How the ends of runners are told, and whom they are counted against.</summary>
public sealed class RunnerEndTests : IDisposable
{
    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(137, "Error", null, false)]
    [InlineData(143, "Error", false, true)]
    [InlineData(1, "Error", false, false)]
    [InlineData(0, "Completed", null, true)]
    [InlineData(0, "Completed", false, false)]
    [InlineData(137, "OOMKilled", null, true)]
    public async Task WhatJobsDoToTheirOwnPodsIsNoFailureOfThePool(int code, string reason, bool? says, bool stillBusy)
    {
        rig.Queue(Given.Jobs(12));
        for (var slot = 0; slot < 10; slot++)
            await rig.Granted(slot);
        rig.Queue();
        for (var slot = 0; slot < 10; slot++)
        {
            // GitHub gave each a job, which no reading has shown.
            if (stillBusy)
                rig.GitHub.Put(Given.Acme, Given.RunnerName(slot), online: true, busy: true);
            else
                rig.GitHub.Remove(Given.Acme, Given.RunnerName(slot));
            rig.Pods.Change(slot, p => Given.Ended(p with { Phase = PodPhase.Failed }, code, reason, says));
            await rig.Reconcile(slot);
            rig.Pods.Remove(slot);
        }
        await Sweep();
        Assert.Empty(rig.Get<PoolHistory>().FailuresOf(Given.Linux));
        var outcome = reason == "OOMKilled" ? OutcomeKind.OutOfMemory : OutcomeKind.RanJob;
        Assert.Equal(Enumerable.Repeat(outcome, 10), rig.Recorder.Exits);
        Assert.Equal(outcome is OutcomeKind.RanJob or OutcomeKind.NoJob ? 0 : 10, rig.Recorder.PodEvents.Count);
        rig.Queue(Given.Job(99, "acme/other"));
        rig.Pass();
        Assert.NotNull(rig.Pods.InCluster(0));
    }

    [Fact]
    public async Task RunnersThatGitHubStillHasUnusedFailedByThemselves()
    {
        for (var slot = 0; slot < 5; slot++)
        {
            rig.Queue(Given.Job(slot));
            await rig.Granted(slot);
            rig.Pods.Change(slot, p => Given.Ended(p with { Phase = PodPhase.Failed }, 7, "Error", false));
            await rig.Reconcile(slot);
            rig.Pods.Remove(slot);
            await Sweep();
        }
        Assert.Equal(5, rig.Get<PoolHistory>().FailuresOf(Given.Linux).Length);
        Assert.NotNull(rig.Get<PoolHistory>().PauseOf(Given.Linux));
    }

    [Fact]
    public async Task WhileGitHubDoesNotAnswerNobodyIsBlamed()
    {
        await rig.Granted0();
        rig.GitHub.OnDeregister = () => DeregisterResult.Unavailable;
        rig.Pods.Change(0, p => Given.Ended(p with { Phase = PodPhase.Failed }, 137, "Error"));
        await rig.Reconcile();
        rig.Pods.Remove(0);
        var orphan = Assert.Single(rig.Orphans());
        var result = await rig.Get<OrphanRemoval>().DeleteAsync(orphan, CancellationToken.None);
        Assert.Equal(ReconcileResult.Retry(), result);
        Assert.Empty(rig.Recorder.Exits);
        rig.GitHub.OnDeregister = null;
        await rig.Get<OrphanRemoval>().DeleteAsync(orphan, CancellationToken.None);
        await rig.Get<OrphanRemoval>().DeleteAsync(orphan, CancellationToken.None);
        Assert.Equal([OutcomeKind.Failed], rig.Recorder.Exits);
    }

    [Theory]
    [InlineData(0, null, false)]
    [InlineData(0, false, false)]
    [InlineData(143, null, false)]
    [InlineData(0, false, true)]
    public async Task WhoeverEndsAsTheyWereToldIsNoFailureAlsoIfTheyAreFirst(int code, bool? says, bool noteIsLost)
    {
        for (var slot = 0; slot < 10; slot++)
            rig.Pods.Put(Given.Pod(slot));
        var claims = Enumerable.Range(0, 10).Select(slot => rig.Claim(slot)).ToArray();
        rig.Pools.Put(Given.Pool() with { Revision = "edited" }, generation: 2);
        rig.Pass();
        foreach (var claim in claims)
            Assert.IsType<ClaimAnswer.Retired>(await rig.Heard(claim));
        for (var slot = 0; slot < 10; slot++)
        {
            // It ends before the watch shows it and before our deletion.
            rig.Pods.Lagging = true;
            rig.Pods.Change(slot, p => Given.Ended(
                p with { Phase = code == 0 ? PodPhase.Succeeded : PodPhase.Failed }, code, "Completed", says));
            Assert.Equal(ReconcileNext.Retry, (await rig.Reconcile(slot)).Next);
            if (noteIsLost)
                rig.Get<RunnerNotes>().Forget(Given.Uid(slot));
            rig.Pods.CatchUp();
            await rig.Reconcile(slot);
            rig.Pods.Remove(slot);
        }
        Assert.Equal(Enumerable.Repeat(noteIsLost ? OutcomeKind.NoJob : OutcomeKind.Retired, 10), rig.Recorder.Exits);
        Assert.Empty(rig.Get<PoolHistory>().FailuresOf(Given.Linux));
        Assert.Empty(rig.Recorder.Events);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(78)]
    public async Task ARunnerWhoseContainerHasEndedIsBuriedWhileOthersOfItsPodLive(int code)
    {
        rig.Pods.Put(Given.Pod(0));
        rig.Pods.Change(0, p => Given.Ended(p, code, "Error", false));
        rig.Queue(Given.Job());
        rig.Pass();
        Assert.NotNull(rig.Pods.InCluster(1));
        await rig.Reconcile();
        Assert.Contains("delete 0", rig.Journal.Entries);
        rig.Pods.Remove(0);
        Assert.Equal([OutcomeKind.Failed], rig.Recorder.Exits);
    }

    [Fact]
    public async Task PodsThatNodesDoNotTakeAreMadeAgainAndToldInTheKubeletsWords()
    {
        rig.Queue(Given.Job());
        for (var time = 0; time < 5; time++)
        {
            rig.Pass();
            rig.Pods.Change(0, Rejected);
            await rig.Reconcile();
            rig.Pods.Remove(0);
            rig.Time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(Enumerable.Repeat(OutcomeKind.Rejected, 5), rig.Recorder.Exits);
        Assert.Empty(rig.Get<PoolHistory>().FailuresOf(Given.Linux));
        var (_, reason, note) = rig.Recorder.Events[0];
        Assert.Equal("RunnerRejected", reason);
        Assert.Contains("node-1 did not take a pod", note, StringComparison.Ordinal);
        Assert.Contains("OutOfpeace, no room for this", note, StringComparison.Ordinal);
        Assert.Contains("OutOfpeace", rig.Get<PoolHistory>().PauseOf(Given.Linux)!.Refusal, StringComparison.Ordinal);
        rig.Time.Advance(CreateBackoff.LongestAfterRefusal);
        rig.Pass();
        Assert.NotNull(rig.Pods.InCluster(0));
    }

    private static PodFacts Rejected(PodFacts pod) => pod with
    {
        Phase = PodPhase.Failed,
        Node = "node-1",
        Exit = new(null, "OutOfpeace", null, null)
        {
            FromOutside = true,
            NeverRan = true,
            Message = "no room for this",
        },
    };

    private async Task Sweep()
    {
        foreach (var orphan in rig.Orphans())
            await rig.Get<OrphanRemoval>().DeleteAsync(orphan, CancellationToken.None);
    }
}
