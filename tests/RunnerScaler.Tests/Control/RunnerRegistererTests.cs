using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class RunnerRegistererTests : IDisposable
{
    private readonly ControlRig rig = new();

    public RunnerRegistererTests() => rig.Queue(Given.Job());

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task APodWhoseAnswerWasLostGetsANewIdentityAfterTheFirstIsDeleted()
    {
        await rig.Granted();
        var again = Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(rig.Claim()));
        Assert.Equal(Given.RunnerName(0, 2), again.RunnerName);
        Assert.Equal([Given.RunnerName(0, 2)], rig.GitHub.Names);
        Assert.Equal(
            [$"deregister {Given.RunnerName(0)}", $"mark {Given.RunnerName(0, 2)}",
                $"register {Given.RunnerName(0, 2)}"],
            rig.Journal.Entries[2..]);
        Assert.Equal(2, rig.Pods.InCluster(0)!.ClaimAnnotation!.Attempt);
    }

    [Fact]
    public async Task APodThatMayNotBeMarkedRestsAndAnotherTakesTheJob()
    {
        var refusal = new Refusal(RefusalReason.Denied, new("patch", "pods", "ci", "linux-0"), "no");
        var marks = 0;
        rig.Pods.OnSetGrant = () =>
        {
            marks++;
            return SetGrantResult.Refused(refusal);
        };
        rig.Pods.Put(Given.Pod(0));
        for (var second = 0; second < 90; second++)
        {
            var claim = rig.Claim();
            rig.Pass();
            await rig.Get<WriteBounds>().WhenIdleAsync();
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(!claim.IsCompleted || await claim is ClaimAnswer.Standby);
        }
        Assert.InRange(marks, 5, 9);
        Assert.Empty(rig.GitHub.Names);
        Assert.NotNull(rig.Pods.InCluster(1));

        rig.Pods.OnSetGrant = null;
        rig.Time.Advance(SlotPauses.Longest);
        var last = rig.Claim();
        rig.Pass();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(last));
        Assert.Equal((null, 0), (rig.Note().GrantNotBefore, rig.Note().GrantRefusals));
    }

    [Fact]
    public async Task APodWhoseRunnerIsBusyIsRefused()
    {
        var name = await rig.Granted();
        rig.GitHub.OnDeregister = () => DeregisterResult.Busy;
        Assert.IsType<ClaimAnswer.Refused>(await rig.Heard(rig.Claim()));
        Assert.Equal([name], rig.GitHub.Names);
    }

    [Fact]
    public async Task APodWhoseIdentityIsUsedUpIsToldToEnd()
    {
        rig.GitHub.Remove(Given.Acme, await rig.Granted());
        Assert.IsType<ClaimAnswer.Retired>(await rig.Heard(rig.Claim()));
        Assert.Empty(rig.GitHub.Names);
    }

    [Fact]
    public async Task WhileGitHubDoesNotSayWhatBecameOfItThePodAsksAgain()
    {
        await rig.Granted();
        rig.GitHub.OnDeregister = () => DeregisterResult.Unavailable;
        Assert.IsType<ClaimAnswer.Unavailable>(await rig.Heard(rig.Claim()));
        rig.GitHub.OnDeregister = null;
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(rig.Claim()));
    }

    [Fact]
    public async Task AfterARestartTheMarkOnThePodIsEnoughToFindTheLostIdentity()
    {
        rig.Pods.Put(Given.Pod(0, grant: Given.Grant(0)));
        rig.GitHub.Put(Given.Acme, Given.RunnerName(0));
        var granted = Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(rig.Claim()));
        Assert.Equal(Given.RunnerName(0, 2), granted.RunnerName);
        Assert.Equal([Given.RunnerName(0, 2)], rig.GitHub.Names);
    }

    [Fact]
    public async Task ARefusedRegistrationTakesTheMarkBackAndThePodStaysStandby()
    {
        rig.GitHub.OnRegister = _ => new JitResult.Refused(Given.Problem(ProblemReason.RunnerGroupNotFound));
        Assert.IsType<ClaimAnswer.Standby>(await Tried());
        Assert.Null(rig.Pods.InCluster(0)!.ClaimAnnotation);
        Assert.Equal(RunnerState.Standby, State());
        Assert.Equal(ProblemReason.RunnerGroupNotFound, rig.Get<TargetProblems>().Of(Given.Linux)[Given.Acme].Reason);
        Assert.Empty(rig.Orphans());
    }

    [Fact]
    public async Task AfterARefusalThePodIsHeldAndTriedAgainWhenThePauseIsOver()
    {
        rig.GitHub.OnRegister = _ => new JitResult.Refused(Given.Problem(ProblemReason.RunnerGroupNotFound));
        await Tried();
        var claim = rig.Claim();
        rig.Pass();
        Assert.Single(rig.Journal.Entries, e => e.StartsWith("register", StringComparison.Ordinal));
        rig.GitHub.OnRegister = null;
        rig.Time.Advance(TimeSpan.FromSeconds(15));
        rig.Pass();
        Assert.Equal(Given.RunnerName(0, 2),
            Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(claim)).RunnerName);
        Assert.Empty(rig.Get<TargetProblems>().Of(Given.Linux));
    }

    [Fact]
    public async Task ARegistrationThatMayExistIsAnOrphan()
    {
        rig.GitHub.OnRegister = _ =>
            new JitResult.Unavailable(Given.Problem(ProblemReason.Unreachable), TimeSpan.FromSeconds(40));
        Assert.IsType<ClaimAnswer.Unavailable>(await Tried());
        Assert.Equal([new Orphan(Given.Acme, Given.RunnerName(0), null)], rig.Orphans());
        Assert.Equal(Given.Now.AddSeconds(40), rig.Get<TargetProblems>().Of(Given.Linux)[Given.Acme].Until);
        Assert.Equal(RunnerState.Standby, State());
    }

    [Fact]
    public async Task ANameThatIsTakenIsGivenUpForTheNext()
    {
        rig.GitHub.Put(Given.Acme, Given.RunnerName(0));
        Assert.Equal(Given.RunnerName(0, 2), Assert.IsType<ClaimAnswer.Granted>(await Tried()).RunnerName);
        Assert.Equal(Given.RunnerName(0, 2), rig.Pods.InCluster(0)!.ClaimAnnotation!.RunnerName);
    }

    [Fact]
    public async Task AfterThreeTakenNamesThePodAsksAgain()
    {
        rig.GitHub.OnRegister = _ => new JitResult.NameTaken();
        Assert.IsType<ClaimAnswer.Unavailable>(await Tried());
        Assert.Equal(3, rig.Journal.Entries.Count(e => e.StartsWith("register", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("PodGone", "Retired")]
    [InlineData("Conflict", "Unavailable")]
    [InlineData("Unavailable", "Unavailable")]
    public async Task WithoutAMarkNothingIsAskedOfGitHub(string mark, string answer)
    {
        rig.Pods.OnSetGrant = () =>
            new[] { SetGrantResult.PodGone, SetGrantResult.Conflict, SetGrantResult.Unavailable }.Single(m =>
                m.Word == mark);
        Assert.Equal(answer, (await Tried()).GetType().Name);
        Assert.Empty(rig.Journal.Entries);
        Assert.Null(rig.Note().Grant);
        Assert.False(rig.Note().GrantInFlight);
    }

    [Fact]
    public async Task WithoutLeadershipNothingIsAskedOfGitHub()
    {
        rig.Pods.OnSetGrant = () => throw new LeadershipLostException();
        Assert.IsType<ClaimAnswer.Unavailable>(await Tried());
        Assert.Empty(rig.Journal.Entries);
        Assert.False(rig.Note().GrantInFlight);
    }

    [Fact]
    public async Task TwoPassesGiveOnePodOneIdentity()
    {
        var made = new TaskCompletionSource();
        rig.GitHub.Registering = made.Task;
        rig.Queue(Given.Jobs(2));
        rig.Pods.Put(Given.Pod(0));
        var claim = rig.Claim();
        rig.Pass();
        rig.Pass();
        made.SetResult();
        await rig.Heard(claim);
        Assert.Equal([Given.RunnerName(0)], rig.GitHub.Names);
    }

    /// <summary>Its turn at GitHub's limits may come a minute later: somebody else may have had the job.</summary>
    [Fact]
    public async Task WhatNobodyWantsAnyMoreIsNotRegistered()
    {
        var (refused, turn) = WaitingForItsTurn();
        rig.Queue();
        rig.Pass();
        turn.SetResult();

        Assert.IsType<ClaimAnswer.Standby>(await rig.Heard(refused));
        Assert.Empty(rig.GitHub.Names);
        Assert.Null(rig.Pods.InCluster(0)!.ClaimAnnotation);
        Assert.Equal((null, false, false), (rig.Note().Grant, rig.Note().GrantInFlight, rig.Note().Withdrawn));

        rig.Queue(Given.Jobs(1));
        var claim = rig.Claim();
        rig.Pass();
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(claim));
    }

    [Fact]
    public async Task WhatIsWantedAgainIsRegisteredAfterAll()
    {
        var (claim, turn) = WaitingForItsTurn();
        rig.Queue();
        rig.Pass();
        Assert.True(rig.Note().Withdrawn);
        rig.Queue(Given.Jobs(1));
        rig.Pass();
        turn.SetResult();

        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(claim));
    }

    /// <summary>GitHub may have registered it: nobody knows before it has answered.</summary>
    [Fact]
    public async Task WhatGitHubHasBeenAskedForIsNotWithdrawn()
    {
        var (claim, turn) = WaitingForItsTurn();
        rig.GitHub.OnRegister = _ =>
        {
            rig.Queue();
            rig.Pass();
            Assert.Equal((true, false), (rig.Note().Requested, rig.Note().Withdrawn));
            return null;
        };
        turn.SetResult();

        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(claim));
    }

    private (Task<ClaimAnswer> Claim, TaskCompletionSource Turn) WaitingForItsTurn()
    {
        var turn = new TaskCompletionSource();
        rig.GitHub.Registering = turn.Task;
        rig.Queue(Given.Jobs(1));
        rig.Pods.Put(Given.Pod(0));
        var claim = rig.Claim();
        rig.Pass();
        Assert.NotNull(rig.Pods.InCluster(0)!.ClaimAnnotation);
        return (claim, turn);
    }

    private async Task<ClaimAnswer> Tried()
    {
        rig.Pods.Put(Given.Pod(0));
        var claim = rig.Claim();
        rig.Pass();
        return await rig.Heard(claim);
    }

    private RunnerState State() =>
        Runner.Of(rig.Pods.Find("ci", "linux-0")!, rig.Note(), Given.Pool(), JobBoard.Empty).State;
}
