using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Terms;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class ReturnTests : IDisposable
{
    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task AnIdentityThatIsGivenBackIsDeletedAtGitHubAndItsJobIsOpenAgain()
    {
        rig.Queue(Given.Job());
        await rig.Granted();
        await rig.Get<WriteBounds>().WhenIdleAsync();
        rig.Pass();
        Assert.DoesNotContain("create 1", rig.Journal.Entries);

        Assert.IsType<ReturnAnswer.Returned>(await ReturnAsync());
        rig.Pass();
        await rig.Get<WriteBounds>().WhenIdleAsync();

        Assert.Empty(rig.GitHub.Names);
        Assert.Contains("create 1", rig.Journal.Entries);
    }

    [Fact]
    public async Task ASecondReturnAsksGitHubNothing()
    {
        await rig.Granted0();
        await ReturnAsync();
        var asked = rig.Journal.Entries.Count(e => e.StartsWith("deregister", StringComparison.Ordinal));

        Assert.IsType<ReturnAnswer.Returned>(await ReturnAsync());

        Assert.Equal(asked, rig.Journal.Entries.Count(e => e.StartsWith("deregister", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ARunnerThatHasAJobByNowKeepsIt()
    {
        var name = await rig.Granted0();
        rig.GitHub.Put(Given.Acme, name, online: true, busy: true);
        rig.GitHub.OnDeregister = () => DeregisterResult.Busy;

        Assert.IsType<ReturnAnswer.Busy>(await ReturnAsync());

        Assert.Equal(Given.Now, rig.Note().BusySince);
        Assert.False(rig.Note().Deregistered);
    }

    [Fact]
    public async Task WhenGitHubDoesNotAnswerThePodIsToAskAgain()
    {
        await rig.Granted0();
        rig.GitHub.OnDeregister = () => DeregisterResult.Unavailable;

        Assert.IsType<ReturnAnswer.Unavailable>(await ReturnAsync());
        Assert.False(rig.Note().Deregistered);
    }

    [Fact]
    public async Task AnIdentityThatIsBeingMadeIsWaitedFor()
    {
        var github = new TaskCompletionSource();
        rig.GitHub.Registering = github.Task;
        rig.Queue(Given.Job());
        rig.Pods.Put(Given.Pod(0));
        var claim = rig.Claim();
        rig.Pass();

        Assert.IsType<ReturnAnswer.Unavailable>(await ReturnAsync());
        github.SetResult();
        await rig.Heard(claim);

        Assert.IsType<ReturnAnswer.Returned>(await ReturnAsync());
    }

    [Fact]
    public async Task WhoHasNoneNeedsToGiveNoneBack()
    {
        rig.Pods.Put(Given.Pod(0));

        Assert.IsType<ReturnAnswer.Returned>(await ReturnAsync());
        Assert.IsType<ReturnAnswer.Returned>(await ReturnAsync(uid: "another pod that had this name"));

        Assert.Empty(rig.Journal.Entries);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnIdentityThatTheWatchDoesNotShowYetIsDeletedAllTheSame(bool podIsShown)
    {
        if (podIsShown)
            rig.Pods.Put(Given.Pod(0));
        rig.Pods.Lagging = true;
        rig.Pods.Put(Given.Pod(0, grant: Given.Grant(0)));
        rig.GitHub.Put(Given.Acme, Given.RunnerName(0));

        Assert.IsType<ReturnAnswer.Returned>(await ReturnAsync());

        Assert.Empty(rig.GitHub.Names);
    }

    [Fact]
    public async Task WhatTheApiServerDoesNotSayIsNoProofThatThereIsNothingToGiveBack()
    {
        rig.Pods.OnLook = () => default(PodLookup);
        Assert.IsType<ReturnAnswer.Unavailable>(await ReturnAsync());
    }

    [Fact]
    public async Task AFollowerSendsThePodOn()
    {
        using var follower = new ControlRig(follows: true);
        var answer = await follower.Get<Reception>().ReturnAsync(
            new("ci", "linux-0", Given.Uid(0)), TestContext.Current.CancellationToken);
        Assert.IsType<ReturnAnswer.Unavailable>(answer);
    }

    private Task<ReturnAnswer> ReturnAsync(string? uid = null) => ControlRig.Within(
        rig.Get<Reception>().ReturnAsync(new("ci", "linux-0", uid ?? Given.Uid(0)), CancellationToken.None));
}
