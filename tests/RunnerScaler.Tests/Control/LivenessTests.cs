using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Queue;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Terms;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>Overdue means that this process is stuck; what others do, or do not, does not count.</summary>
public sealed class LivenessTests : IDisposable
{
    private readonly ControlRig rig = new(follows: true);
    private readonly Pump pump = new();
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Job[] jobs = [];

    public LivenessTests() => rig.Source.OnRead = (account, observe) =>
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
    public void AReadingThatHangsAgesTheBoardAndNothingElse()
    {
        var running = Run();
        Lead();
        Live(TimeSpan.FromMinutes(1));
        rig.Source.OnRead = async (_, _) =>
        {
            await hangs.Task;
            return TimeSpan.FromSeconds(5);
        };
        Live(TimeSpan.FromMinutes(40));
        Assert.InRange(rig.Recorder.Age, TimeSpan.FromMinutes(39), TimeSpan.FromMinutes(41));
        Stop(running);
    }

    [Fact]
    public void AReadingThatGoesOnIsNeverTooLong()
    {
        var running = Run();
        Lead();
        rig.Source.OnRead = async (account, observe) =>
        {
            for (var i = 0; i < 200; i++)
            {
                await Task.Delay(TimeSpan.FromMinutes(1), rig.Time);
                observe(new JobObservation.RepositoryUnread(
                    account, Given.Repository(), Given.Problem(ProblemReason.Unreachable), rig.Time.GetUtcNow()));
            }
            return TimeSpan.FromSeconds(5);
        };
        Live(TimeSpan.FromHours(3));
        Stop(running);
    }

    [Fact]
    public void ARegistrationThatHangsWhileATermDrainsIsNoReasonToRestart()
    {
        jobs = [Given.Job()];
        rig.GitHub.Registering = hangs.Task;
        rig.Pods.Put(Given.Pod(0));
        var running = Run();
        Lead(TimeSpan.FromMinutes(1));
        pump.Do(() => _ = rig.Claim());
        Until(() => rig.Journal.Entries.Any(e => e.StartsWith("register", StringComparison.Ordinal)));
        Live(TimeSpan.FromMinutes(40));
        Stop(running);
    }

    [Fact]
    public void GitHubThatAnswersNothingIsNoReasonToRestart()
    {
        rig.GitHub.Answering = hangs.Task;
        var running = Run();
        Lead();
        for (var i = 0; i < 10; i++)
            rig.Get<Orphans>().Add(new(Given.Acme, Given.RunnerName(i), null));
        Live(TimeSpan.FromMinutes(40));
        Stop(running);
    }

    [Fact]
    public void AReplicaThatOnlyFollowsIsNotOverdue()
    {
        var running = Run();
        Lead(TimeSpan.FromMinutes(1));
        Live(TimeSpan.FromHours(2));
        Stop(running);
    }

    [Fact]
    public void ALoopThatHearsOfNobodyForLongerThanAnyDeadlineIsStuck()
    {
        var running = Run();
        Lead();
        rig.Source.OnRead = async (_, _) =>
        {
            await hangs.Task;
            return TimeSpan.FromSeconds(5);
        };
        Live(TimeSpan.FromMinutes(50));
        Pass(TimeSpan.FromMinutes(20));
        Assert.Equal([$"{nameof(QueueReader)} {Given.Account}"], rig.Get<Heartbeats>().Overdue());
        Stop(running);
    }

    [Fact]
    public void AfterAWaitTheOrdinaryPromiseHolds()
    {
        var time = new FakeTimeProvider();
        var beats = new Heartbeats(time);
        using (beats.Outside("a", TimeSpan.FromSeconds(30)))
        {
            time.Advance(TimeSpan.FromMinutes(50));
            Assert.Empty(beats.Overdue());
        }
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(["a"], beats.Overdue());
    }

    private Task Run()
    {
        Task running = null!;
        pump.Do(() => running = rig.Get<Scaler>().RunAsync(stop.Token));
        return running;
    }

    private void Lead(TimeSpan? duration = null) => pump.Do(() =>
        rig.Get<LeaderGate>().Hold(rig.Time.GetTimestamp(), duration ?? TimeSpan.FromDays(1)));

    private void Live(TimeSpan time)
    {
        for (var end = rig.Time.GetUtcNow() + time; rig.Time.GetUtcNow() < end;)
        {
            Pass(TimeSpan.FromSeconds(20));
            Assert.Empty(rig.Get<Heartbeats>().Overdue());
        }
    }

    private void Pass(TimeSpan time)
    {
        var end = rig.Time.GetUtcNow() + time;
        while (rig.Time.GetUtcNow() < end)
            pump.Do(() => rig.Time.Advance(TimeSpan.FromSeconds(1)));
    }

    private void Until(Func<bool> holds)
    {
        for (var step = 0; !holds(); step++)
        {
            Assert.True(step < 1000, "What the test waits for never came.");
            pump.Do(() => rig.Time.Advance(TimeSpan.FromMilliseconds(100)));
        }
    }

    private void Stop(Task running)
    {
        pump.Do(() =>
        {
            stop.Cancel();
            hangs.TrySetResult();
        });
        for (var step = 0; !running.IsCompleted && step < 1000; step++)
            pump.Do(() => rig.Time.Advance(TimeSpan.FromSeconds(10)));
        Assert.True(running.IsCompletedSuccessfully);
    }
}
