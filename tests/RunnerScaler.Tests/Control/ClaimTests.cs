using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class ClaimTests : IDisposable
{
    private const int Races = 300;

    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task AClaimIsHeldUntilAJobNeedsThePod()
    {
        rig.Pods.Put(Given.Pod(0));
        var claim = rig.Claim();
        rig.Pass();
        Assert.False(claim.IsCompleted);
        Assert.True(rig.Note().Waiting);

        rig.Queue(Given.Job());
        rig.Pass();
        var granted = Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(claim));
        Assert.Equal((Given.RunnerName(0), FakeRegistrar.Secret), (granted.RunnerName, granted.JitConfig));
        Assert.Equal([$"mark {Given.RunnerName(0)}", $"register {Given.RunnerName(0)}"], rig.Journal.Entries);
        Assert.Equal(["granted"], rig.Recorder.Answers);
    }

    [Fact]
    public async Task TheIdentityHasExactlyThePoolsLabelsAndGroup()
    {
        rig.Pools.Put(Given.Pool(serves: Given.Organization(group: "Deployers")));
        rig.Queue(Given.Job());
        await rig.Granted();
        var request = rig.GitHub.LastRequest!;
        Assert.Equal(
            new JitRequest(Given.Acme, Given.RunnerName(0), "Deployers", Given.Labels("self-hosted linux"))
            {
                IsStillWanted = request.IsStillWanted,
            },
            request);
    }

    [Fact]
    public async Task NoSecretIsEverLogged()
    {
        rig.Queue(Given.Job());
        await rig.Granted();
        Assert.NotEmpty(rig.Logs.Lines);
        Assert.DoesNotContain(rig.Logs.Lines, line => line.Contains(FakeRegistrar.Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(FakeRegistrar.Secret, new ClaimAnswer.Granted("r", FakeRegistrar.Secret).ToString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain(FakeRegistrar.Secret, new JitResult.Registered(1, FakeRegistrar.Secret).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task APodThatNobodyNeedsIsToldToAskAgainWhenTheHoldIsOver()
    {
        rig.Pods.Put(Given.Pod(0));
        var claim = rig.Claim();
        rig.Time.Advance(new ControlOptions().ClaimHold);
        Assert.IsType<ClaimAnswer.Standby>(await rig.Heard(claim));
        Assert.False(rig.Note().Waiting);
        Assert.Equal(Given.Now, rig.Note().ClaimedAt);
        Assert.Equal(rig.Time.GetUtcNow(), rig.Note().LeftAt);
    }

    [Fact]
    public async Task APodThatCannotBeGrantedSoonIsToldWhenToComeAgain()
    {
        var (held, sent) = ClaimBothWithRoomForOne();

        var pause = Assert.IsType<ClaimAnswer.Standby>(await rig.Heard(sent)).RetryAfter;
        Assert.Equal((false, rig.Time.GetUtcNow() + pause), (rig.Note(1).Waiting, rig.Note(1).LeftAt));
        Assert.False(held.IsCompleted);

        // Those that are held come first; the others when they are back.
        rig.Queue(Given.Job(1), Given.Job(2));
        rig.Pass();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(held));
        rig.Time.Advance(pause!.Value);
        var again = rig.Claim(1);
        rig.Pass();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(again));
        Assert.Equal(2, rig.Journal.Entries.Count(e => e.StartsWith("register", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task APodThatComesBeforeItsTimeIsHeldUntilThen()
    {
        var (held, sent) = ClaimBothWithRoomForOne();
        var pause = Assert.IsType<ClaimAnswer.Standby>(await rig.Heard(sent)).RetryAfter!.Value;

        var early = rig.Claim(1);
        rig.Pass();
        Assert.False(early.IsCompleted);
        rig.Time.Advance(pause);
        rig.Pass();
        Assert.NotNull(Assert.IsType<ClaimAnswer.Standby>(await rig.Heard(early)).RetryAfter);
        Assert.False(held.IsCompleted);
    }

    [Fact]
    public async Task AClaimWakesItsPool()
    {
        rig.Pods.Put(Given.Pod(0));
        using var stop = new CancellationTokenSource();
        var claim = rig.ClaimUntil(stop.Token);
        Assert.Equal([Given.Linux], ControlRig.Drain(rig.Get<Queues>().Pools));
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim);
        Assert.False(rig.Note().Waiting);
    }

    [Fact]
    public async Task AFollowerSendsThePodToTheLeader()
    {
        rig.Get<LeaderGate>().Close();
        rig.Pods.Put(Given.Pod(0));
        Assert.IsType<ClaimAnswer.Unavailable>(await rig.Heard(rig.Claim()));
        Assert.Equal(["unavailable"], rig.Recorder.Answers);
    }

    [Fact]
    public async Task APodThatIsGoingIsToldToEnd()
    {
        rig.Pods.Put(Given.Pod(0) with { DeletingSince = Given.Now });
        rig.Pods.Put(Given.Ended(1));
        Assert.IsType<ClaimAnswer.Retired>(await rig.Heard(rig.Claim(0)));
        Assert.IsType<ClaimAnswer.Retired>(await rig.Heard(rig.Claim(1)));
    }

    [Fact]
    public async Task ANewerClaimOfAPodEndsTheOlder()
    {
        rig.Pods.Put(Given.Pod(0));
        var (older, newer) = (rig.Claim(), rig.Claim());
        Assert.IsType<ClaimAnswer.Standby>(await rig.Heard(older));
        Assert.True(rig.Note().Waiting);
        rig.Queue(Given.Job());
        rig.Pass();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(newer));
    }

    [Fact]
    public async Task APodThatTheWatchDoesNotShowYetWaitsUntilItDoes()
    {
        rig.Queue(Given.Job());
        var older = rig.Claim();
        var claim = rig.Claim();
        await rig.Heard(older);
        rig.Pods.Put(Given.Pod(0));
        rig.Pass();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(claim));
    }

    [Fact]
    public async Task APodThatIsNeverShownIsRefusedAndForgotten()
    {
        rig.Pods.Put(Given.Pod(0));
        var claim = rig.Claim(uid: "ffffffff-0000-4000-8000-000000000000");
        rig.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.IsType<ClaimAnswer.Refused>(await rig.Heard(claim));
        Assert.Same(RunnerNote.None, rig.Get<RunnerNotes>().Of("ffffffff-0000-4000-8000-000000000000"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task APodThatTheWatchDoesNotShowIsRefusedOnlyIfTheApiServerSaysSo(bool answers)
    {
        rig.Pods.Lagging = true;
        rig.Pods.Put(Given.Pod(0));
        rig.Pods.OnLook = answers ? null : () => default(PodLookup);
        var claim = rig.Claim();
        rig.Time.Advance(new ControlOptions().ClaimHold);

        Assert.IsType<ClaimAnswer.Unavailable>(await rig.Heard(claim));
        rig.Pods.CatchUp();
        rig.Queue(Given.Job());
        var again = rig.Claim();
        rig.Pass();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(again));
    }

    [Fact]
    public async Task APodWhosePoolTheWatchDoesNotShowIsNotToldToEnd()
    {
        rig.Queue(Given.Job());
        await rig.Granted();
        rig.Pools.Remove(Given.Linux);

        Assert.IsType<ClaimAnswer.Unavailable>(await rig.Heard(rig.Claim()));
    }

    [Fact]
    public async Task AnIdentityThatIsBeingMadeIsWaitedForBeyondTheHold()
    {
        var made = new TaskCompletionSource();
        rig.GitHub.Registering = made.Task;
        rig.Pods.Put(Given.Pod(0));
        rig.Queue(Given.Job());
        var claim = rig.Claim();
        rig.Pass();
        rig.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.False(claim.IsCompleted);
        made.SetResult();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(claim));
    }

    // Real threads: on one of them the gap between the two does not show.
    [Fact]
    public async Task AnIdentityThatIsMadeJustAsTheHoldEndsIsHeardOf()
    {
        rig.Pools.Put(Given.Pool(max: Races), 2);
        rig.Queue([.. Enumerable.Range(1, Races).Select(id => Given.Job(id))]);
        for (var slot = 0; slot < Races; slot++)
        {
            var made = new TaskCompletionSource();
            rig.GitHub.Registering = made.Task;
            rig.Pods.Put(Given.Pod(slot));
            var claim = rig.Claim(slot);
            rig.Pass();
            rig.Time.Advance(new ControlOptions().ClaimHold);
            Thread.SpinWait(slot % 50);
            made.SetResult();
            Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(claim));
        }
    }

    [Fact]
    public async Task ADismissedPodIsToldToEndAtOnceAndWhenItAsksAgain()
    {
        rig.Pools.Put(Given.Pool(max: 1), 2);
        rig.Pods.Put(Given.Pod(3));
        var claim = rig.Claim(3);
        rig.Pass();
        Assert.IsType<ClaimAnswer.Retired>(await rig.Heard(claim));
        Assert.IsType<ClaimAnswer.Retired>(await rig.Heard(rig.Claim(3)));
        Assert.Contains(new RunnerKey(Given.Linux, 3), ControlRig.Drain(rig.Get<Queues>().Runners));
    }

    /// <summary>The second of two pods is sent away.</summary>
    private (Task<ClaimAnswer> Held, Task<ClaimAnswer> Sent) ClaimBothWithRoomForOne()
    {
        rig.Get<ControlOptions>().HeldClaims = 1;
        rig.Pods.Put(Given.Pod(0));
        rig.Pods.Put(Given.Pod(1));
        var claims = (rig.Claim(0), rig.Claim(1));
        rig.Pass();
        return claims;
    }
}
