using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.ScaleSets;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub.ScaleSets;

/// <summary>The way to a scale set's session, and what stands in it.</summary>
public sealed class ScaleSetSourceTests
{
    private readonly GitHubRig bench = new();
    private readonly FakeActions actions;
    private readonly ScaleSetSource source;

    public ScaleSetSourceTests()
    {
        actions = new(bench);
        source = new(bench.Accounts, new ActionsApis(bench.Time), bench.Time, NullLogger<ScaleSetSource>.Instance);
    }

    [Fact]
    public async Task ASetThatIsNotThereIsMadeAndItsSessionOpened()
    {
        var opened = Assert.IsType<OpenResult.Listening>(await OpenAsync());
        Assert.Equal(new ScaleSetStatistics(1, 3, 2), opened.Statistics);
        Assert.Equal(["linux", "self-hosted", "x64"], actions.Labels!.Order());
        var made = actions.Bodies.Single(b => b.TryGetProperty("RunnerSetting", out _));
        Assert.True(made.GetProperty("RunnerSetting").GetProperty("disableUpdate").GetBoolean());
        Assert.Equal("linux", made.GetProperty("name").GetString());
        Assert.Equal(1, made.GetProperty("runnerGroupId").GetInt32());
        Assert.Equal("System", made.GetProperty("labels")[0].GetProperty("type").GetString());
        Assert.Equal("me", actions.Owner);
    }

    [Fact]
    public async Task EachTokenGoesOnlyToWhereItBelongs()
    {
        await OpenAsync();
        Assert.All(actions.Calls, call =>
        {
            var isApi = call.Call.Contains(" api.github.com/", StringComparison.Ordinal);
            Assert.Equal(isApi && !call.Call.Contains("runner-registration", StringComparison.Ordinal),
                call.Token == "Bearer ghp_secret");
            Assert.Equal(call.Call.Contains("runner-registration", StringComparison.Ordinal),
                call.Token == "RemoteAuth AREG");
            Assert.Equal(!isApi, call.Token.StartsWith("Bearer e30.", StringComparison.Ordinal));
        });
        Assert.Equal(
            "https://github.com/acme", actions.Bodies[1].GetProperty("url").GetString());
        Assert.Equal("register", actions.Bodies[1].GetProperty("runner_event").GetString());
        Assert.All(
            actions.Calls.Where(c => c.Call.Contains("_apis", StringComparison.Ordinal)),
            c => Assert.Contains("api-version=6.0-preview", c.Call, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ASetThatIsThereIsAdoptedAndLabelsThatDriftedAreRepaired()
    {
        actions.Labels = ["linux", "old"];
        Assert.IsType<OpenResult.Listening>(await OpenAsync());
        Assert.Equal((1, 0), (actions.Count("PATCH "), Made()));
        Assert.Equal(["linux", "self-hosted", "x64"], actions.Labels.Order());

        actions.Owner = null;
        Assert.IsType<OpenResult.Listening>(await OpenAsync());
        Assert.Equal(1, actions.Count("PATCH "));
    }

    [Fact]
    public async Task AServerThatKnowsOneLabelForEachSetIsListenedToAllTheSame()
    {
        (actions.Labels, actions.KeepsLabels) = (["linux"], true);
        Assert.IsType<OpenResult.Listening>(await OpenAsync());
        Assert.Equal(1, actions.Count("PATCH "));
    }

    [Fact]
    public async Task TheGroupIsLookedUpByNameAndOneThatIsNotThereIsTold()
    {
        Assert.IsType<OpenResult.Listening>(await OpenAsync(group: "Big Builds"));
        Assert.Equal(1, actions.Count("runnerGroupId=7&name=linux&"));
        var failed = Assert.IsType<OpenResult.Failed>(await OpenAsync(group: "none"));
        Assert.Equal(ProblemReason.RunnerGroupNotFound, failed.Problem.Reason);
    }

    [Fact]
    public async Task SomebodyElsesSessionIsToldInTheServicesOwnWords()
    {
        (actions.Labels, actions.Owner) = (["linux"], "arc-7d9-listener");
        var held = Assert.IsType<OpenResult.Held>(await OpenAsync());
        Assert.Equal((ProblemReason.SessionHeld, true), (held.Problem.Reason, held.Problem.Passes));
        Assert.Contains("arc-7d9-listener", held.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("2026-09-01", held.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATokenThatIsNotKnownEverywhereYetIsTriedAgain()
    {
        actions.Unknown = 3;
        Assert.IsType<OpenResult.Listening>(
            await GitHubRig.PassTimeAsync(bench.Time, OpenAsync(), TimeSpan.FromSeconds(1)));
        Assert.Equal((4, 1), (actions.Count("runner-registration"), actions.Count("registration-token")));
    }

    [Fact]
    public async Task ATokenThatIsNeverKnownIsToldOf()
    {
        actions.Unknown = int.MaxValue;
        var failed = Assert.IsType<OpenResult.Failed>(
            await GitHubRig.PassTimeAsync(bench.Time, OpenAsync(), TimeSpan.FromSeconds(1)));
        Assert.Equal(ProblemReason.CredentialsRefused, failed.Problem.Reason);
        Assert.Equal(5, actions.Count("runner-registration"));
    }

    [Fact]
    public async Task TheWayToTheServiceIsKeptUntilAMinuteBeforeItsTokenEnds()
    {
        await ReopenAsync();
        bench.Time.Advance(TimeSpan.FromMinutes(58));
        await ReopenAsync();
        Assert.Equal(1, actions.Count("registration-token"));
        bench.Time.Advance(TimeSpan.FromMinutes(1.5));
        await ReopenAsync();
        Assert.Equal(2, actions.Count("registration-token"));
    }

    [Fact]
    public async Task ATokenOfTheServiceThatIsRevokedIsRenewedOnce()
    {
        var refused = 0;
        actions.Before = (request, path) => path.Contains("_apis", StringComparison.Ordinal) && refused++ == 0
            ? FakeGitHub.Refusal(HttpStatusCode.Unauthorized)
            : null;
        Assert.IsType<OpenResult.Listening>(await OpenAsync());
        Assert.Equal(2, actions.Count("registration-token"));
        actions.Before = (request, path) => path.Contains("_apis", StringComparison.Ordinal)
            ? FakeGitHub.Refusal(HttpStatusCode.Unauthorized)
            : null;
        Assert.IsType<OpenResult.Failed>(await OpenAsync());
        Assert.Equal(3, actions.Count("registration-token"));
    }

    [Theory]
    [InlineData("http://pipelines.actions.githubusercontent.com/")]
    [InlineData("https://user:secret@pipelines.actions.githubusercontent.com/")]
    [InlineData("https://169.254.169.254/latest/")]
    [InlineData("http://127.0.0.1:8080/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("not an address")]
    [InlineData("")]
    public async Task AnAddressThatCannotBeTheServicesIsNotAsked(string address)
    {
        actions.ServiceUrl = address;
        var failed = Assert.IsType<OpenResult.Failed>(await OpenAsync());
        Assert.Equal(ProblemReason.Unreachable, failed.Problem.Reason);
        Assert.DoesNotContain("secret", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, actions.Count("_apis"));
    }

    [Fact]
    public async Task AQueueAtAnAddressThatCannotBeOneIsNotAsked()
    {
        actions.QueueUrl = "http://10.0.0.1/queue";
        var failed = Assert.IsType<OpenResult.Failed>(await OpenAsync());
        Assert.Contains("'http://10.0.0.1:80'", failed.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAppCannotServeAnEnterpriseAndThatIsSaid()
    {
        bench.UseApp();
        var failed = Assert.IsType<OpenResult.Failed>(
            await OpenAsync(target: new(FakeActions.Account, "enterprises/big", null)));
        Assert.Equal(ProblemReason.CredentialsInvalid, failed.Problem.Reason);
        Assert.Contains("manage_runners:enterprise", failed.Problem.Message, StringComparison.Ordinal);
        Assert.Empty(actions.Calls);
    }

    [Fact]
    public async Task AnEnterpriseIsServedWithAToken()
    {
        Assert.IsType<OpenResult.Listening>(await OpenAsync(target: new(FakeActions.Account, "enterprises/big", null)));
        Assert.Equal(1, actions.Count("/enterprises/big/actions/runners/registration-token"));
        Assert.Equal("https://github.com/enterprises/big", actions.Bodies[1].GetProperty("url").GetString());
    }

    [Fact]
    public async Task SeveralSetsOfOneNameAreToldOf()
    {
        actions.Before = (request, path) => path.Contains("&name=linux", StringComparison.Ordinal)
            ? FakeGitHub.Json(new { count = 2, value = new[] { new { id = 1 }, new { id = 2 } } })
            : null;
        var failed = Assert.IsType<OpenResult.Failed>(await OpenAsync());
        Assert.Equal(ProblemReason.RegistrationRefused, failed.Problem.Reason);
    }

    [Fact]
    public async Task NoReadOfTheQueueIsNeededAndOneWriteOfTheApiAnHour()
    {
        await OpenAsync();
        Assert.Equal(
            [
                "POST api.github.com/orgs/acme/actions/runners/registration-token",
                "POST api.github.com/actions/runner-registration",
            ],
            actions.Calls.Select(c => c.Call).Where(c => c.Contains("api.github.com", StringComparison.Ordinal)));
    }

    private async Task ReopenAsync()
    {
        actions.Owner = null;
        Assert.IsType<OpenResult.Listening>(await OpenAsync());
    }

    private int Made() => actions.Calls.Count(c => c.Call.StartsWith("POST", StringComparison.Ordinal)
        && c.Call.Contains("/runnerscalesets?", StringComparison.Ordinal));

    private Task<OpenResult> OpenAsync(string? group = null, RegistrationTarget? target = null) => source.OpenAsync(
        new(target ?? FakeActions.Acme, "linux", group, LabelSet.Of("self-hosted", "x64")), "me", GitHubRig.Cancel);
}
