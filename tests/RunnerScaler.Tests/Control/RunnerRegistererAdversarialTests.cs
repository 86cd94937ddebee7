using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class RunnerRegistererAdversarialTests : IDisposable
{
    private readonly ControlRig rig = new();
    private readonly TaskCompletionSource made = new();

    public RunnerRegistererAdversarialTests()
    {
        rig.Queue(Given.Job());
        rig.Pods.Put(Given.Pod(0));
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task AMarkThatWasTakenBackUnderALaggingWatchDoesNotEndThePod()
    {
        rig.GitHub.OnRegister = request =>
        {
            rig.Pods.Lagging = true;
            return new JitResult.Refused(Given.Problem(ProblemReason.RegistrationRefused));
        };
        var first = rig.Claim();
        rig.Pass();
        Assert.IsType<ClaimAnswer.Standby>(await rig.Heard(first));
        Assert.NotNull(rig.Pods.Find("ci", "linux-0")!.ClaimAnnotation);

        var second = rig.Claim();
        rig.GitHub.OnRegister = null;
        rig.Time.Advance(TimeSpan.FromSeconds(15));
        rig.Pass();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(second));
    }

    [Fact]
    public async Task APodIsNotSentAwayForAsLongAsGitHubAsksUsToWait()
    {
        rig.GitHub.OnRegister = _ =>
            new JitResult.Unavailable(Given.Problem(ProblemReason.RateLimited), TimeSpan.FromHours(1));
        var claim = rig.Claim();
        rig.Pass();
        var answer = Assert.IsType<ClaimAnswer.Unavailable>(await rig.Heard(claim));
        Assert.InRange(answer.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task AnIdentityThatIsMadeForAPodThatVanishedIsAnOrphan()
    {
        var claim = Registering();
        rig.Pods.Remove(0);
        rig.Orphans();
        made.SetResult();
        await rig.Heard(claim);
        await rig.Get<WriteBounds>().WhenIdleAsync();
        var orphan = Assert.Single(rig.Orphans());
        Assert.Equal(Given.RunnerName(0), orphan.RunnerName);
        Assert.NotNull(orphan.Id);
        Assert.Same(RunnerNote.None, rig.Note());
    }

    [Fact]
    public async Task ARunnerWhoseIdentityIsBeingMadeIsNotRemovedBeforeItIsMade()
    {
        var claim = Registering();
        rig.Get<RunnerNotes>().Update(Given.Uid(0), n => n with { Retiring = OutcomeKind.Retired });
        await rig.Reconcile();
        Assert.DoesNotContain("delete 0", rig.Journal.Entries);
        made.SetResult();
        await rig.Heard(claim);
        await rig.Get<WriteBounds>().WhenIdleAsync();
        await rig.Reconcile();
        Assert.Equal([$"deregister {Given.RunnerName(0)}", "delete 0"], rig.Journal.Entries[^2..]);
        Assert.Empty(rig.GitHub.Names);
    }

    [Fact]
    public async Task TheSecondIdentityStartsWithoutWhatWasKnownOfTheFirst()
    {
        await rig.Granted();
        rig.Get<RunnerNotes>().Update(Given.Uid(0), n =>
            n with { BusySince = Given.Now, CheckedAt = Given.Now, Seen = new(1, "", true, true) });
        await rig.Heard(rig.Claim());
        var note = rig.Note();
        Assert.Null(note.BusySince);
        Assert.Null(note.CheckedAt);
        Assert.Null(note.Seen);
    }

    [Fact]
    public async Task TwoClaimsAfterALostAnswerEndInOneIdentity()
    {
        await rig.Granted();
        rig.GitHub.Registering = made.Task;
        var older = rig.Claim();
        var newer = rig.Claim();
        made.SetResult();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(newer));
        Assert.IsType<ClaimAnswer.Standby>(await rig.Heard(older));
        Assert.Equal([Given.RunnerName(0, 2)], rig.GitHub.Names);
    }

    [Fact]
    public async Task AClaimThatCameWhileTheLostIdentityWasBeingDeletedIsNotToldToEnd()
    {
        await rig.Granted();
        Task<ClaimAnswer>? newer = null;
        rig.GitHub.OnDeregister = () =>
        {
            rig.GitHub.OnDeregister = null;
            newer = rig.Claim();
            return null;
        };
        var older = rig.Claim();
        await Task.WhenAny(older, newer!);
        Assert.DoesNotContain([.. new[] { older, newer! }.Where(c => c.IsCompleted).Select(c => c.Result)],
            (ClaimAnswer answer) => answer is ClaimAnswer.Retired);
        Assert.Single(rig.GitHub.Names);
    }

    [Fact]
    public async Task APodThatWentAwayWhileItsIdentityWasMadeGetsAnotherWhenItAsksAgain()
    {
        rig.GitHub.Registering = made.Task;
        using var gone = new CancellationTokenSource();
        var claim = rig.ClaimUntil(gone.Token);
        rig.Pass();
        gone.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim);
        made.SetResult();
        await rig.Get<WriteBounds>().WhenIdleAsync();
        Assert.Equal(Given.RunnerName(0, 2),
            Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(rig.Claim())).RunnerName);
        Assert.Equal([Given.RunnerName(0, 2)], rig.GitHub.Names);
    }

    private Task<ClaimAnswer> Registering()
    {
        rig.GitHub.Registering = made.Task;
        var claim = rig.Claim();
        rig.Pass();
        Assert.True(rig.Note().GrantInFlight);
        return claim;
    }
}
