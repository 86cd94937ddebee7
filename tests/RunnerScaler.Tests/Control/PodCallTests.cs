using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Terms;
using RunnerScaler.Protocol;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>What a pod can make the controller ask GitHub: a job can read its pod's token.</summary>
public sealed class PodCallTests : IDisposable
{
    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData("Busy", "post")]
    [InlineData("Busy", "delete")]
    [InlineData("Busy", "both")]
    [InlineData("Gone", "both")]
    [InlineData("Deleted", "both")]
    [InlineData("Unavailable", "both")]
    public async Task WhateverAPodSendsItCausesOneCallAMinute(string github, string sends)
    {
        await rig.Granted0();
        rig.GitHub.OnDeregister = () => Enum.Parse<DeregisterResult>(github);
        for (var minute = 0; minute < 5; minute++)
        {
            for (var i = 0; i < 100; i++)
                await SendAsync(sends == "post" || (sends == "both" && i % 2 == 0));
            Assert.InRange(Calls("deregister"), 1, minute + 1);
            rig.Time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task APodThatLosesEveryAnswerCausesOneCallAMinuteInTheLongRun()
    {
        rig.Queue(Given.Job());
        await rig.Granted();
        for (var minute = 0; minute < 60; minute++)
        {
            for (var i = 0; i < 10; i++)
                await SendAsync(post: true);
            rig.Time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.InRange(Calls("deregister") + Calls("register"), 50, 62);
    }

    [Fact]
    public async Task APodThatIsToldToComeLaterIsToldWhen()
    {
        await rig.Granted0();
        rig.GitHub.OnDeregister = () => DeregisterResult.Unavailable;
        await SendAsync(post: true);
        rig.Time.Advance(TimeSpan.FromSeconds(20));

        var later = Assert.IsType<ClaimAnswer.Unavailable>(await rig.Heard(rig.Claim()));

        Assert.Equal(TimeSpan.FromSeconds(40), later.RetryAfter);
        rig.GitHub.OnDeregister = null;
        rig.Time.Advance(later.RetryAfter);
        Assert.IsType<ClaimAnswer.Granted>(await rig.Heard(rig.Claim()));
    }

    [Fact]
    public async Task ABusyPodIsToldSoFromMemoryAndItsChecksAreNotPutOff()
    {
        await rig.Granted0();
        rig.GitHub.OnDeregister = () => DeregisterResult.Busy;
        Assert.IsType<ReturnAnswer.Busy>(await ReturnAsync());
        rig.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.IsType<ReturnAnswer.Busy>(await ReturnAsync());
        Assert.IsType<ClaimAnswer.Refused>(await rig.Heard(rig.Claim()));

        Assert.Equal(Given.Now, rig.Note().CheckedAt);
        Assert.Equal(1, Calls("deregister"));
    }

    [Fact]
    public async Task APodThatGaveItsIdentityBackIsToldToEndAndGitHubIsNotAsked()
    {
        await rig.Granted0();
        await ReturnAsync();

        rig.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<ClaimAnswer.Retired>(await rig.Heard(rig.Claim()));

        Assert.Equal(1, Calls("deregister"));
    }

    [Fact]
    public async Task ARequestThatIsGivenUpIsACallAllTheSame()
    {
        await rig.Granted0();
        rig.GitHub.OnDeregister = () => throw new OperationCanceledException();
        Assert.IsType<ClaimAnswer.Unavailable>(await rig.Claim());

        Assert.IsType<ClaimAnswer.Unavailable>(await rig.Heard(rig.Claim()));

        Assert.Equal(1, Calls("deregister"));
    }

    [Fact]
    public async Task ALookUpByNameIsTwoCalls()
    {
        rig.Pods.Put(Given.Pod(0, grant: Given.Grant(0)));
        rig.GitHub.OnDeregister = () => DeregisterResult.Busy;
        await SendAsync(post: true);

        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await SendAsync(post: true);
        Assert.Equal(1, Calls("deregister"));
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await SendAsync(post: true);
        Assert.Equal(2, Calls("deregister"));
    }

    private async Task SendAsync(bool post)
    {
        if (!post)
            await ReturnAsync();
        else if (rig.Claim() is var claim && claim.IsCompleted)
            await rig.Heard(claim);
    }

    private int Calls(string what) =>
        rig.Journal.Entries.Count(e => e.StartsWith(what + " ", StringComparison.Ordinal));

    private Task<ReturnAnswer> ReturnAsync() => ControlRig.Within(
        rig.Get<Reception>().ReturnAsync(new("ci", "linux-0", Given.Uid(0)), CancellationToken.None));
}
