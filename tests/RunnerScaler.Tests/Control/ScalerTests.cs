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

namespace RunnerScaler.Tests.Control;

/// <summary>All loops at once, over ports in memory, on a clock that a test moves on while it waits.</summary>
public sealed class ScalerTests : IDisposable
{
    private readonly ControlRig rig = new(follows: true);
    private readonly Pump pump = new();
    private readonly CancellationTokenSource stop = new();
    private Job[] jobs = [];

    public ScalerTests() => rig.Source.OnRead = (account, observe) =>
    {
        var now = rig.Time.GetUtcNow();
        observe(new JobObservation.AccountRead(account, [Given.Repository()], now));
        observe(new JobObservation.RepositoryRead(account, Given.Repository(), [.. jobs], now));
        return Task.FromResult(TimeSpan.FromSeconds(5));
    };

    public void Dispose()
    {
        stop.Dispose();
        rig.Dispose();
    }

    [Fact]
    public async Task NothingIsWrittenBeforeTheReplicaLeadsAndThenAJobGetsItsPodItsIdentityAndItsEnd()
    {
        jobs = [Given.Job()];
        var running = Run();
        Pass(TimeSpan.FromSeconds(5));
        Assert.Empty(rig.Journal.Entries);

        Lead();
        Until(() => rig.Pods.InCluster(0) is not null);
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Running, ScheduledAt = Given.Now, StartedAt = Given.Now });
        Task<ClaimAnswer> claim = null!;
        pump.Do(() => claim = rig.Claim());
        Until(() => claim.IsCompleted);
        var granted = Assert.IsType<ClaimAnswer.Granted>(await claim);

        jobs = [Given.Job(state: JobState.Running, runner: granted.RunnerName)];
        Until(() => rig.Note().JobSeen);
        jobs = [];
        rig.GitHub.Remove(Given.Acme, granted.RunnerName);
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Succeeded, Exit = new(0, "Completed", true, Given.Now) });
        Until(() => rig.Journal.Entries.Contains("delete 0"));
        rig.Pods.Remove(0);
        Assert.Equal([OutcomeKind.RanJob], rig.Recorder.Exits);
        Stop(running);
        Assert.Single(rig.Journal.Entries, e => e.StartsWith("create", StringComparison.Ordinal));
    }

    [Fact]
    public void AReplicaWhoseLeaseRunsOutStopsAndStartsAgainWhenItLeadsAgain()
    {
        var running = Run();
        Lead(TimeSpan.FromSeconds(10));
        Until(() => rig.Source.Readings.Count > 0);
        Pass(TimeSpan.FromSeconds(15));
        jobs = [Given.Job()];
        var readings = rig.Source.Readings.Count;
        Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(readings, rig.Source.Readings.Count);
        Assert.Empty(rig.Journal.Entries);

        Lead();
        Until(() => rig.Pods.InCluster(0) is not null);
        Stop(running);
    }

    [Fact]
    public void NothingKnownInOneTermIsBelievedInTheNext()
    {
        jobs = Given.Jobs(5);
        rig.Pods.OnCreate = () => new CreateResult.Refused(Given.Problem(ProblemReason.PodRefused));
        var running = Run();
        Lead(TimeSpan.FromSeconds(10));
        Until(() => rig.Journal.Entries.Length >= 5);
        Note();
        var first = rig.Get<RunnerNotes>();
        Until(() => !rig.Get<LeaderGate>().IsOpen);
        pump.Do(() => rig.Time.Advance(TimeSpan.FromHours(3)));

        // The jobs ended long ago; GitHub is slow to say so.
        jobs = [];
        rig.Pods.OnCreate = null;
        var (before, answers) = (rig.Journal.Entries.Length, new TaskCompletionSource());
        var read = rig.Source.OnRead;
        rig.Source.OnRead = async (account, observe) =>
        {
            await answers.Task;
            return await read(account, observe);
        };
        Lead();
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(before, rig.Journal.Entries.Length);
        Assert.Empty(rig.Get<JobBoardStore>().Now.Readings);
        Assert.Empty(rig.Get<PoolHistory>().FailuresOf(Given.Linux));
        Assert.Empty(rig.Get<TargetProblems>().Of(Given.Linux));
        Assert.Empty(rig.Orphans());
        Assert.NotSame(first, rig.Get<RunnerNotes>());
        Assert.Equal(0, rig.Get<RunnerNotes>().Count);
        pump.Do(answers.SetResult);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(before, rig.Journal.Entries.Length);
        Stop(running);
    }

    [Fact]
    public async Task AClaimThatIsOpenWhenTheTermEndsIsSentToTheNextLeader()
    {
        var running = Run();
        Lead(TimeSpan.FromSeconds(10));
        Until(() => rig.Source.Readings.Count > 0);
        rig.Pods.Put(Given.Pod(0));
        Task<ClaimAnswer> held = null!, late = null!;
        var identity = new PodIdentity("ci", "linux-0", Given.Uid(0));
        pump.Do(() => held = rig.Get<Reception>().ClaimAsync(identity, CancellationToken.None));
        Assert.False(held.IsCompleted);
        Until(() => held.IsCompleted);
        Assert.IsType<ClaimAnswer.Unavailable>(await held);
        Until(() => rig.Get<Scaler>().Term is null);
        pump.Do(() => late = rig.Get<Reception>().ClaimAsync(identity, CancellationToken.None));
        Assert.IsType<ClaimAnswer.Unavailable>(await late);
        Assert.Equal(["unavailable", "unavailable"], rig.Recorder.Answers);
        Stop(running);
    }

    [Fact]
    public void APoolThatGoesWhileAnotherReplicaLeadsLeavesNoSeriesBehind()
    {
        var running = Run();
        Lead(TimeSpan.FromSeconds(10));
        Until(() => rig.Source.Readings.Count > 0);
        Until(() => rig.Get<Scaler>().Term is null);
        pump.Do(() => rig.Pools.Remove(Given.Linux));
        Assert.Equal([Given.Linux], rig.Recorder.Forgotten);
        Assert.Equal([true, true, false, false], rig.Recorder.Leads);
        Stop(running);
    }

    [Fact]
    public void AnAccountIsReadAsLongAsAPoolNamesIt()
    {
        Lead();
        var running = Run();
        Until(() => rig.Source.Readings.Count > 2);
        Assert.All(rig.Source.Readings, r => Assert.Equal((Given.Account, 1), (r.Account, r.Scopes.Length)));
        rig.Pools.Remove(Given.Linux);
        Until(() => rig.Source.Forgotten.Count > 0);
        Until(() => !rig.Get<JobBoardStore>().Now.Accounts.Any());
        Stop(running);
    }

    [Fact]
    public void AReadingThatBreaksIsLoggedAndTriedAgain()
    {
        var read = rig.Source.OnRead;
        rig.Source.OnRead = (_, _) => throw new InvalidOperationException("unexpected");
        jobs = [Given.Job()];
        Lead();
        var running = Run();
        Until(() => rig.Logs.Lines.Any(l => l.Contains("unexpected", StringComparison.Ordinal)));
        rig.Source.OnRead = read;
        Until(() => rig.Pods.InCluster(0) is not null);
        Stop(running);
    }

    [Fact]
    public void WhatFailsIsTriedAgainAfterAPauseThatGrows()
    {
        Lead();
        var running = Run();
        rig.Pods.Put(Given.Pod(0, grant: Given.Grant(0)) with { Revision = "old" });
        rig.GitHub.OnDeregister = () => DeregisterResult.Unavailable;
        Pass(TimeSpan.FromMinutes(2));
        Assert.InRange(rig.Journal.Entries.Length, 6, 10);
        rig.GitHub.OnDeregister = null;
        Until(() => rig.Journal.Entries.Contains("delete 0"));
        Stop(running);
    }

    [Fact]
    public void EveryLoopBeats()
    {
        Lead();
        var running = Run();
        for (var minute = 0; minute < 10; minute++)
        {
            Pass(TimeSpan.FromMinutes(1));
            Assert.Empty(rig.Get<Heartbeats>().Overdue());
        }
        Stop(running);
    }

    private Task Run()
    {
        Task running = null!;
        pump.Do(() => running = rig.Get<Scaler>().RunAsync(stop.Token));
        return running;
    }

    private void Lead(TimeSpan? duration = null) => pump.Do(() =>
        rig.Get<LeaderGate>().Hold(rig.Time.GetTimestamp(), duration ?? TimeSpan.FromDays(1)));

    /// <summary>A term knows a bit of everything.</summary>
    private void Note()
    {
        rig.Get<RunnerNotes>().Update("gone", n => n with { Attempt = 1 });
        rig.Get<TargetProblems>().Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.RegistrationRefused), null);
        rig.Get<PendingWrites>().Expect(Given.Linux, 7);
        rig.GitHub.OnDeregister = () => DeregisterResult.Unavailable;
        pump.Do(() => rig.Get<Orphans>().Add(new(Given.Acme, Given.RunnerName(7), null)));
    }

    private void Stop(Task running)
    {
        pump.Do(stop.Cancel);
        Assert.True(running.IsCompletedSuccessfully);
    }

    private void Pass(TimeSpan time)
    {
        var end = rig.Time.GetUtcNow() + time;
        Until(() => rig.Time.GetUtcNow() >= end);
    }

    /// <summary>Lets the loops work, and time pass, until something is so.</summary>
    private void Until(Func<bool> holds)
    {
        for (var step = 0; !holds(); step++)
        {
            Assert.True(step < 10_000, "What the test waits for never came.");
            pump.Do(() => rig.Time.Advance(TimeSpan.FromMilliseconds(100)));
        }
    }
}
