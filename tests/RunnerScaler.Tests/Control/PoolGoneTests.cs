using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Sweep;
using RunnerScaler.Control.Terms;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>Pools that are deleted while pods of theirs live.</summary>
public sealed class PoolGoneTests : IDisposable
{
    private static readonly TimeSpan Period = new ControlOptions().SweepPeriod;

    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task ARunnerWithoutAJobIsDeregisteredAndDeleted()
    {
        var name = await rig.Granted0();
        Delete();
        Assert.Equal([new RunnerKey(Given.Linux, 0)], ControlRig.Drain(rig.Get<Queues>().Runners));
        await rig.Reconcile();
        Assert.Equal([$"deregister {name}", "delete 0"], rig.Journal.Entries[^2..]);
    }

    [Fact]
    public async Task APodWithoutAnIdentityIsDeletedAndItsClaimAnswered()
    {
        rig.Pods.Put(Given.Pod(0));
        var claim = rig.Claim();
        Delete();
        await rig.Reconcile();
        Assert.IsType<ClaimAnswer.Retired>(await ControlRig.Within(claim));
        Assert.Equal(["delete 0"], rig.Journal.Entries);
    }

    [Fact]
    public async Task AJobRunsToItsEndAndThenThePodGoes()
    {
        await rig.Granted0();
        Delete();
        rig.GitHub.OnDeregister = () => DeregisterResult.Busy;
        await rig.Reconcile();
        await rig.Reconcile();
        Assert.Equal("protect 0", rig.Journal.Entries[^1]);
        rig.GitHub.Put(Given.Acme, Given.RunnerName(0), online: true, busy: true);
        for (var day = 0; day < 10; day++)
        {
            rig.Time.Advance(TimeSpan.FromDays(1));
            await rig.Reconcile();
            await rig.Get<RegistrationSweep>().SweepAsync(() => { }, TestContext.Current.CancellationToken);
        }
        Assert.DoesNotContain("delete 0", rig.Journal.Entries);
        rig.Pods.Put(Given.Ended(0, ranJob: true, grant: Given.Grant(0)));
        await rig.Reconcile();
        Assert.Equal("delete 0", rig.Journal.Entries[^1]);
    }

    [Fact]
    public async Task WhatIsNotKnownOfAfterARestartIsNeverEndedBusyAndNobodyIsAsked()
    {
        rig.Pods.Put(Of("forgotten", Given.Pod(0, grant: Given.Grant(0)) with { Protected = true, HasJob = true }));
        Assert.Equal(ReconcileResult.Done, await rig.Reconcile());
        rig.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(ReconcileResult.Done, await rig.Reconcile());
        Assert.Empty(rig.Journal.Entries);
        rig.Pods.Put(Of("forgotten", Given.Ended(0, code: 1, reason: "Error", grant: Given.Grant(0))));
        await rig.Reconcile();
        Assert.Equal(["delete 0"], rig.Journal.Entries);
        Assert.Empty(rig.Orphans());
    }

    [Fact]
    public async Task WhatHadAnIdentityIsNotEndedWhoeverWipedOutItsMark()
    {
        rig.Pods.Put(Of("forgotten", Given.Pod(0)) with { Protected = true });
        Assert.Equal(ReconcileResult.Done, await rig.Reconcile());
        Assert.Empty(rig.Journal.Entries);
    }

    [Fact]
    public async Task WhatIsNotKnownOfAndNeverSaidItHadAJobGoesWhenNoJobCanBeLeft()
    {
        rig.Pods.Put(Of("forgotten", Given.Pod(0, grant: Given.Grant(0)) with { Protected = true }));
        var result = await rig.Reconcile();
        Assert.Equal(Given.Grant(0).At + TimeSpan.FromDays(6), rig.Time.GetUtcNow() + result.Delay);
        rig.Time.Advance(result.Delay - TimeSpan.FromSeconds(1));
        await rig.Reconcile();
        Assert.Empty(rig.Journal.Entries);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await rig.Reconcile();
        Assert.Equal(["delete 0"], rig.Journal.Entries);
    }

    [Fact]
    public async Task WhatIsNotKnownOfAndHasNoIdentityGoesAtOnce()
    {
        rig.Pods.Put(Of("forgotten", Given.Pod(0)));
        await rig.Reconcile();
        Assert.Equal(["delete 0"], rig.Journal.Entries);
    }

    [Fact]
    public async Task ANewLeaderLooksAtPodsWhosePoolIsGone()
    {
        using var follower = new ControlRig(follows: true);
        follower.Pools.Remove(Given.Linux);
        follower.Pods.Put(Given.Pod(0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = follower.Get<Scaler>().RunAsync(stop.Token);
        follower.Get<LeaderGate>().Hold(follower.Time.GetTimestamp(), TimeSpan.FromDays(1));
        Assert.True(SpinWait.SpinUntil(() => follower.Journal.Entries.Contains("delete 0"), TimeSpan.FromSeconds(20)));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task APoolOfTheSameNameCountsTheOldOnesPodsInItsSlots()
    {
        Put("old", max: 3);
        rig.Pods.Put(Of("old", Given.Pod(0, grant: Given.Grant(0)) with { Protected = true }));
        rig.Get<RunnerNotes>().Update(Given.Uid(0), n => n with { BusySince = Given.Now });
        Delete();
        Put("new", max: 1);
        rig.Queue(Given.Jobs(3));
        rig.Pass();
        await rig.Get<WriteBounds>().WhenIdleAsync();
        Assert.DoesNotContain(rig.Journal.Entries, e => e.StartsWith("create", StringComparison.Ordinal));
        Assert.Equal(Authority.Departed, rig.Get<Authorities>().AuthorityOf(rig.Pods.InCluster(0)!));
    }

    [Fact]
    public async Task APodOfAnOlderPoolOfTheNameIsRemovedUnderThatPoolsAccount()
    {
        Put("old", max: 3);
        var name = await rig.Granted0();
        rig.Pods.Change(0, p => p with { PoolUid = "old" });
        Delete();
        var other = Given.Pool(serves: Given.Organization("other")) with { Account = new("ci", "b", "https://b") };
        rig.Pools.Put(new PoolObject(Given.Linux, 1, other, null) { Uid = "new" });
        await rig.Reconcile();
        Assert.Equal([$"deregister {name}", "delete 0"], rig.Journal.Entries[^2..]);
        Assert.Empty(rig.GitHub.Names);
    }

    [Fact]
    public async Task WhatItLeftAtGitHubIsSweptAndThenItsAccountIsReleased()
    {
        rig.GitHub.Put(Given.Acme, Given.RunnerName(3));
        rig.Pass();
        Delete();
        await Sweep();
        Assert.Single(await Sweep(Period));
        Assert.True(rig.Get<Authorities>().Needs(Given.Account));
        Assert.Empty(rig.Source.Released);
        rig.Time.Advance(Period * 2.1);
        rig.Get<Sweeper>().Prune();
        Assert.Equal([Given.Account], rig.Source.Released);
        Assert.Empty(rig.Get<Authorities>().Departed);
    }

    [Fact]
    public void ItIsRememberedWhilePodsOfItLive()
    {
        Put("old", max: 3);
        rig.Pods.Put(Of("old", Given.Pod(0)));
        Delete();
        rig.Time.Advance(Period * 10);
        rig.Get<Sweeper>().Prune();
        Assert.Single(rig.Get<Authorities>().Departed);
        rig.Time.Advance(Authorities.KeptFor);
        rig.Get<Sweeper>().Prune();
        Assert.Empty(rig.Get<Authorities>().Departed);
    }

    [Fact]
    public void NotAnyNumberOfPoolsIsRemembered()
    {
        for (var i = 0; i < Authorities.Most + 5; i++)
        {
            Put($"uid {i}", max: 1);
            rig.Time.Advance(TimeSpan.FromSeconds(1));
        }
        var kept = rig.Get<Authorities>().Departed;
        Assert.Equal(Authorities.Most, kept.Length);
        Assert.Equal($"uid {Authorities.Most + 3}", kept[^1].Uid);
    }

    private static PodFacts Of(string poolUid, PodFacts pod) => pod with { PoolUid = poolUid };

    private void Put(string uid, int max)
    {
        rig.Pools.Put(new PoolObject(Given.Linux, 1, Given.Pool(max: max), null) { Uid = uid });
        rig.Pass();
    }

    private void Delete()
    {
        rig.Pools.Remove(Given.Linux);
        rig.Pass();
    }

    private async Task<Orphan[]> Sweep(TimeSpan after = default)
    {
        rig.Time.Advance(after);
        await rig.Get<RegistrationSweep>().SweepAsync(() => { }, TestContext.Current.CancellationToken);
        return rig.Orphans();
    }
}
