using RunnerScaler.Control;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;
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
        Until(() => rig.Journal.Entries.Contains("protect 0"));
        jobs = [];
        rig.GitHub.Remove(Given.Acme, granted.RunnerName);
        rig.Pods.Change(0, p => p with { Phase = PodPhase.Succeeded, Exit = new(0, "Completed", true, Given.Now) });
        Until(() => rig.Journal.Entries.Contains("delete 0"));
        rig.Pods.Remove(0);
        Assert.Equal([Verdict.RanJob], rig.Recorder.Exits);
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
    public void AnAccountIsReadAsLongAsAPoolNamesIt()
    {
        Lead();
        var running = Run();
        Until(() => rig.Source.Readings.Count > 2);
        Assert.All(rig.Source.Readings, r => Assert.Equal((Given.Account, 1), (r.Account, r.Scopes.Length)));
        rig.Pools.Remove(Given.Linux);
        Until(() => rig.Source.Forgotten.Count > 0);
        Until(() => !rig.Get<LiveBoard>().Now.Accounts.Any());
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
