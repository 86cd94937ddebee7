using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Terms;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;
using static RunnerScaler.Scaling.Jobs.ScaleSetEventKind;

namespace RunnerScaler.Tests.Control;

/// <summary>A pool that is fed by scale sets, with all loops, on a clock that a test moves on while it waits.</summary>
public sealed class ScaleSetFeedTests : IDisposable
{
    private static readonly AccountKey Account = Given.Account with { ScaleSetsOf = "linux" };

    private static readonly RegistrationTarget Acme = new(Account, "acme", null);

    private readonly ControlRig rig = new(PoolOf(Given.Organization()), follows: true);
    private readonly Pump pump = new();
    private readonly CancellationTokenSource stop = new();

    private FakeScaleSets Sets => rig.ScaleSets;

    public void Dispose()
    {
        stop.Dispose();
        rig.Dispose();
    }

    [Fact]
    public async Task AnAssignedJobGetsItsPodItsIdentityAndItsEndWithoutARead()
    {
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        Assert.Equal(new ScaleSet(Acme, "linux", null, Given.Labels("self-hosted linux")), Sets.Last.Set);
        pump.Do(() => Sets.Last.Tell(new(0, 1, 0), Event(Assigned, 1)));
        Until(() => rig.Pods.InCluster(0) is not null);
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Running, ScheduledAt = Given.Now, StartedAt = Given.Now });
        var granted = await ClaimAsync();
        Assert.Equal(Acme, rig.GitHub.LastRequest!.Target);

        pump.Do(() => Sets.Last.Tell(new(0, 1, 1), Event(Started, 1) with { RunnerName = granted.RunnerName }));
        Until(() => rig.Note().JobSeen);
        pump.Do(() => Sets.Last.Tell(new(0, 0, 0), Event(Completed, 1) with { RunnerName = granted.RunnerName }));
        rig.GitHub.Remove(Acme, granted.RunnerName);
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Succeeded, Exit = new(0, "Completed", true, Given.Now) });
        Until(() => rig.Journal.Entries.Contains("delete 0"));
        rig.Pods.Remove(0);
        Assert.Equal([OutcomeKind.RanJob], rig.Recorder.Exits);
        Assert.Equal([1, 2, 3], Sets.Last.Acknowledged);
        Assert.Empty(rig.Source.Readings);
        Assert.Empty(rig.GitHub.LookedUp);
        Stop(running);
    }

    [Fact]
    public void TheSessionIsClosedWhenTheTermEndsSoThatTheNextLeaderCanOpenIt()
    {
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        pump.Do(() => rig.Get<LeaderGate>().Close());
        Until(() => Sets.Last.Closed);
        Lead();
        Until(() => Sets.Sessions.Count == 2);
        Stop(running);
        Assert.All(Sets.Sessions, s => Assert.True(s.Closed));
    }

    [Fact]
    public void AMessageIsAcknowledgedAfterItIsTakenInAndComesAgainOtherwise()
    {
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        Sets.Last.Stuck = Given.Problem(ProblemReason.Unreachable);
        pump.Do(() => Sets.Last.Tell(new(0, 1, 0), Event(Assigned, 1)));
        Until(() => rig.Pods.InCluster(0) is not null);
        Assert.Empty(Sets.Last.Acknowledged);
        Sets.Last.Stuck = null;
        pump.Do(() => Sets.Last.Tell(new(0, 1, 0), Event(Assigned, 1)));
        Until(() => Sets.Last.Acknowledged.Count == 1);
        Assert.Single(Board().Readings.SelectMany(r => r.Jobs));
        Stop(running);
    }

    [Fact]
    public void SomebodyElsesSessionIsWaitedForAndToldOf()
    {
        var held = new Problem(ProblemReason.SessionHeld, "Somebody else listens.");
        Sets.OnOpen = _ => new OpenResult.Held(held with { Message = $"{held.Message} {Sets.Tries}" });
        var running = Start();
        Until(() => Condition(Conditions.QueueRead)?.Reason == "SessionHeld");
        Until(() => Sets.Tries > 5);

        // Since when it was first told stays.
        Assert.EndsWith("Somebody else listens. 1", Condition(Conditions.QueueRead)!.Message, StringComparison.Ordinal);
        Sets.OnOpen = null;
        Until(() => Condition(Conditions.QueueRead) is { Holds: true });
        Stop(running);
    }

    [Fact]
    public void ASetThatIsDeletedAtGitHubIsOpenedAnew()
    {
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        pump.Do(() => Sets.Last.Give(new PollResult.Gone(Given.Problem(ProblemReason.Unreachable))));
        Until(() => Sets.Sessions.Count == 2);
        Assert.True(Sets.Sessions[0].Closed);
        Until(() => Condition(Conditions.QueueRead) is { Holds: true });
        Stop(running);
    }

    [Fact]
    public void FailuresAreTriedAgainAndThenAnotherSessionIsOpened()
    {
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        for (var i = 0; i < 3; i++)
            pump.Do(() => Sets.Sessions[0].Give(new PollResult.Failed(Given.Problem(ProblemReason.Unreachable))));
        Until(() => Condition(Conditions.QueueRead) is { Holds: false });
        Until(() => Sets.Sessions.Count == 2);
        Stop(running);
    }

    [Fact]
    public void JobsOfTheLastLeaderGetRunnersThoughNobodyTellsWhichTheyAre()
    {
        Sets.Totals = new(0, 3, 1);
        var running = Start();
        Until(() => rig.Pods.InCluster(1) is not null);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Null(rig.Pods.InCluster(2));
        Stop(running);
    }

    [Fact]
    public void ARunnerWhoseJobTheLastLeaderHeardOfIsNotTakenForAnIdleOne()
    {
        rig.Pods.Put(Given.Pod(0, grant: Given.Grant(0, Acme)));
        rig.GitHub.Put(Acme, Given.RunnerName(0), online: true, busy: true);
        Sets.Totals = new(0, 2, 1);
        var running = Start();
        Until(() => rig.Pods.InCluster(1) is not null);
        Assert.Contains(Given.RunnerName(0), rig.GitHub.LookedUp);
        Stop(running);
    }

    [Fact]
    public void AFullPoolIsAssignedNoFurtherJob()
    {
        Put(PoolOf(Given.Organization()) with { MaxRunners = 20 });
        Sets.Totals = new(9, 15, 15);
        var running = Start();
        Until(() => Sets.Sessions.Count == 1 && Sets.Last.Capacities.Count == 1);
        pump.Do(() => Sets.Last.Tell(new(4, 20, 15), [.. Enumerable.Range(1, 5).Select(i => Event(Assigned, i))]));
        Until(() => Sets.Last.Capacities.Count == 2);
        Pass(TimeSpan.FromMinutes(2));
        Assert.Equal([20, 20], Sets.Last.Capacities);
        Stop(running);
    }

    [Fact]
    public void EachEntryIsASetOfItsOwnAndOneReserveFeedsThemAll()
    {
        Put(PoolOf(Repository("app"), Repository("lib")).Warm(standby: 1));
        var running = Start();
        Until(() => Sets.Sessions.Count == 2 && rig.Pods.InCluster(0) is not null);
        Assert.Equal(["alice/app", "alice/lib"], Sets.Sessions.Select(s => $"{s.Set.Target}"));
        var lib = Sets.Sessions[1];
        pump.Do(() => lib.Tell(new(0, 1, 0), Event(Assigned, 1) with { Owner = "alice", Repository = "lib" }));
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Running, ScheduledAt = Given.Now, StartedAt = Given.Now });
        pump.Do(() => _ = rig.Claim());
        Until(() => rig.GitHub.LastRequest is not null);
        Assert.Equal(new RegistrationTarget(Account, "alice", "lib"), rig.GitHub.LastRequest!.Target);
        Assert.True(Sets.Sessions.Sum(s => s.Capacities[^1]) <= 10);
        Stop(running);
    }

    [Fact]
    public void OneSetThatCannotBeListenedToKeepsNoOtherFromBeingServed()
    {
        Put(PoolOf(Repository("app"), Repository("lib")));
        Sets.OnOpen = set => set.Target.Repository == "app"
            ? new OpenResult.Failed(Given.Problem(ProblemReason.Unreachable))
            : null;
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        pump.Do(() => Sets.Last.Tell(new(0, 1, 0), Event(Assigned, 1) with { Owner = "alice", Repository = "lib" }));
        Until(() => rig.Pods.InCluster(0) is not null);
        Until(() => Condition(Conditions.QueueRead) is { Holds: false } read
            && read.Message.Contains("'alice/app'", StringComparison.Ordinal));
        Stop(running);
    }

    [Fact]
    public void JobsThatGitHubDoesNotAssignAreAcquiredUpToWhatThePoolHasRoomFor()
    {
        Put(PoolOf(Given.Organization()) with { MaxRunners = 2 });
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        pump.Do(() => Sets.Last.Tell(new(3, 0, 0), Event(Available, 1), Event(Available, 2), Event(Available, 3)));
        Until(() => Sets.Last.Acquired.Count == 2);
        pump.Do(() => Sets.Last.Tell(new(1, 2, 0), Event(Assigned, 1), Event(Assigned, 2)));
        pump.Do(() => Sets.Last.Tell(new(1, 1, 0), Event(Completed, 1)));
        Until(() => Sets.Last.Acquired.Count == 3);
        Assert.Equal([1, 2, 3], Sets.Last.Acquired);
        Stop(running);
    }

    [Fact]
    public void ASetThatIsRenamedIsClosedBeforeTheOtherIsOpened()
    {
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        Put(PoolOf(Given.Organization()) with { Serves = [Given.Organization() with { ScaleSetName = "other" }] });
        Until(() => Sets.Sessions.Count == 2);
        Assert.Equal((true, "other"), (Sets.Sessions[0].Closed, Sets.Last.Set.Name));
        Stop(running);
    }

    [Fact]
    public void APoolThatGoesBackToPollingIsForgottenByThisFeed()
    {
        var running = Start();
        Until(() => Board().IsKnown(Account));
        Put(Given.Pool());
        Until(() => Sets.Last.Closed && !Board().Accounts.Contains(Account));
        Until(() => rig.Source.Readings.Count > 0);
        Stop(running);
    }

    [Fact]
    public void AServerThatHoldsNoQuestionIsNotAskedWithoutEnd()
    {
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        for (var i = 0; i < 100; i++)
            Sets.Last.Give(new PollResult.Nothing());
        Pass(TimeSpan.FromSeconds(10));
        Assert.InRange(Sets.Last.Capacities.Count, 5, 30);
        Stop(running);
    }

    [Fact]
    public void ADeafSessionIsNoticedToldAndOpenedAnew()
    {
        rig.Pods.Put(Given.Pod(0, grant: Given.Grant(0, Acme)));
        rig.GitHub.Put(Acme, Given.RunnerName(0), online: true);
        Sets.Totals = new(0, 1, 0);
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        for (var i = 0; i < 8; i++)
        {
            Pass(TimeSpan.FromSeconds(50));
            pump.Do(() => Sets.Last.Give(new PollResult.Nothing()));
        }
        Until(() => Sets.Sessions.Count == 2 && Condition(Conditions.QueueRead) is { Holds: false } read
            && read.Message.Contains("nothing was told", StringComparison.Ordinal));
        Assert.Contains(Given.RunnerName(0), rig.GitHub.LookedUp);
        pump.Do(() => Sets.Last.Tell(new(0, 1, 1), Event(Started, 1) with { RunnerName = Given.RunnerName(0) }));
        Until(() => Condition(Conditions.QueueRead) is { Holds: true });
        Stop(running);
    }

    [Fact]
    public void AnErrorInOneListenerStopsNothing()
    {
        var thrown = 0;
        Sets.OnOpen = _ => thrown++ < 2 ? throw new InvalidOperationException("odd") : null;
        var running = Start();
        Until(() => Sets.Sessions.Count == 1);
        Assert.Contains(rig.Logs.Lines, l => l.Contains("odd", StringComparison.Ordinal));
        Stop(running);
    }

    [Fact]
    public void EveryListenerBeats()
    {
        var running = Start();
        for (var minute = 0; minute < 10; minute++)
        {
            Pass(TimeSpan.FromMinutes(1));
            pump.Do(() => Sets.Last.Give(new PollResult.Nothing()));
            Assert.Empty(rig.Get<Heartbeats>().Overdue());
        }
        Stop(running);
    }

    private static Scope Repository(string name) => new()
    {
        Kind = ScopeKind.Repository,
        Server = Given.Server,
        Owner = "alice",
        Repository = name,
    };

    private static Pool PoolOf(params Scope[] serves) =>
        Given.Pool(serves: [.. serves.Select(s => s with { ScaleSetName = "linux" })]) with { Account = Account };

    private static ScaleSetEvent Event(ScaleSetEventKind kind, long request) => new()
    {
        Kind = kind,
        Key = $"{request}",
        RequestId = request,
        JobId = request,
        Owner = "acme",
        Repository = "app",
    };

    private JobBoard Board() => rig.Get<JobBoardStore>().Now;

    private PoolCondition? Condition(string type) =>
        rig.Get<PoolReadings>().Of(Given.Linux)?.Report.Conditions.FirstOrDefault(c => c.Type == type);

    private void Put(Pool pool) => pump.Do(() => rig.Pools.Put(pool));

    private async Task<ClaimAnswer.Granted> ClaimAsync()
    {
        Task<ClaimAnswer> claim = null!;
        pump.Do(() => claim = rig.Claim());
        Until(() => claim.IsCompleted);
        return Assert.IsType<ClaimAnswer.Granted>(await claim);
    }

    private Task Start()
    {
        Task running = null!;
        pump.Do(() => running = rig.Get<Scaler>().RunAsync(stop.Token));
        Lead();
        return running;
    }

    private void Lead() => pump.Do(() =>
        rig.Get<LeaderGate>().Hold(rig.Time.GetTimestamp(), TimeSpan.FromDays(1)));

    private void Stop(Task running)
    {
        pump.Do(stop.Cancel);
        Assert.True(running.IsCompletedSuccessfully);
        Assert.All(Sets.Sessions, s => Assert.True(s.Closed));
    }

    private void Pass(TimeSpan time)
    {
        var end = rig.Time.GetUtcNow() + time;
        Until(() => rig.Time.GetUtcNow() >= end);
    }

    private void Until(Func<bool> holds)
    {
        for (var step = 0; !holds(); step++)
        {
            Assert.True(step < 10_000, "What the test waits for never came.");
            pump.Do(() => rig.Time.Advance(TimeSpan.FromMilliseconds(100)));
        }
    }
}
