using System.Net;
using System.Text.Json;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

public sealed class InstallationTokensTests
{
    private readonly GitHubRig bench = new();
    private readonly List<string> bodies = [];
    private readonly List<string> bearers = [];
    private int minted;

    public InstallationTokensTests()
    {
        bench.UseApp();
        bench.GitHub.Intercept = Answer;
    }

    /// <summary>The installation that is found at the organisation; null if there is none.</summary>
    private object? Installation { get; set; } = new { id = 55, suspended_at = (string?)null };

    private Func<HttpResponseMessage?> Minting { get; set; } = () => null;

    [Theory]
    [InlineData(true, "organization_self_hosted_runners")]
    [InlineData(false, "administration")]
    public async Task ATokenHasOnlyThePermissionsThatAreNeeded(bool ofOrganization, string permission)
    {
        await AskAsync(await ApiAsync(ofOrganization));

        var asked = JsonDocument.Parse(Assert.Single(bodies)).RootElement.GetProperty("permissions");
        Assert.Equal(
            new Dictionary<string, string> { ["actions"] = "read", ["metadata"] = "read", [permission] = "write" },
            asked.Deserialize<Dictionary<string, string>>());
        Assert.Equal("ghs_7_1", bearers.Last());
    }

    [Fact]
    public async Task ManyRequestsShareOneToken()
    {
        var api = await ApiAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(api)));

        Assert.Equal(1, minted);
        Assert.Equal(1, bench.GitHub.Count("/orgs/acme/installation"));
    }

    [Fact]
    public async Task ItIsRenewedAfterFiftyFiveMinutes()
    {
        var api = await ApiAsync();
        await AskAsync(api);
        bench.Time.Advance(TimeSpan.FromMinutes(54));
        await AskAsync(api);
        Assert.Equal(1, minted);

        bench.Time.Advance(TimeSpan.FromMinutes(2));
        await AskAsync(api);

        Assert.Equal(2, minted);
        Assert.Equal("ghs_7_2", bearers.Last());
    }

    [Fact]
    public async Task TheOldOneServesWhileANewOneCannotBeHad()
    {
        var api = await ApiAsync();
        await AskAsync(api);
        Minting = () => FakeGitHub.Refusal(HttpStatusCode.BadGateway);
        bench.Time.Advance(TimeSpan.FromMinutes(57));
        await AskAsync(api);
        Assert.Equal("ghs_7_1", bearers.Last());

        bench.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(ProblemReason.Unreachable, (await AnswerAsync(api)).Failure?.Problem?.Reason);
    }

    [Fact]
    public async Task NobodyWaitsForTheRenewalOfATokenThatIsStillGood()
    {
        var api = await ApiAsync();
        await AskAsync(api);
        bench.GitHub.Hangs = path => path.EndsWith("/access_tokens", StringComparison.Ordinal);
        bench.Time.Advance(TimeSpan.FromMinutes(57));

        await AskAsync(api);
        await AskAsync(api);

        Assert.Equal("ghs_7_1", bearers.Last());
        Assert.Equal(1, minted);
    }

    [Fact]
    public async Task ARejectedTokenIsMadeAnewOnce()
    {
        var api = await ApiAsync();
        await AskAsync(api);
        bench.Time.Advance(TimeSpan.FromMinutes(10));
        var rejected = "ghs_7_1";
        Refuses = bearer => bearer == rejected;

        await AskAsync(api);
        Assert.Equal(2, minted);

        Refuses = bearer => bearer.StartsWith("ghs_", StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
        {
            var answer = await GitHubRig.PassTimeAsync(bench.Time, AnswerAsync(api), TimeSpan.FromSeconds(1));
            Assert.Equal(FailureKind.Unauthorized, answer.Failure?.Kind);
        }
        Assert.Equal(2, minted);
    }

    [Fact]
    public async Task WhatIsWrongWithTheInstallationIsSaid()
    {
        Installation = null;
        Assert.Contains(
            "is not installed at 'acme'", await FaultAsync(ProblemReason.ScopeNotFound), StringComparison.Ordinal);

        Installation = new { id = 55, suspended_at = "2026-01-01T00:00:00Z" };
        Assert.Contains("is suspended", await FaultAsync(ProblemReason.CredentialsRefused), StringComparison.Ordinal);

        Installation = new { id = 55 };
        bench.Secrets.Set(("app_id", "7"), ("private_key", GitHubRig.PrivateKey), ("installation_id", "44"));
        Assert.Contains(
            "has installation_id 44, but the App's installation at 'acme' is 55",
            await FaultAsync(ProblemReason.CredentialsRefused),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(422, nameof(ProblemReason.PermissionMissing), "'Self-hosted runners: read and write'")]
    [InlineData(403, nameof(ProblemReason.PermissionMissing), "accept the change at the installation")]
    [InlineData(401, nameof(ProblemReason.CredentialsRefused), "app_id and private_key must belong to one App")]
    [InlineData(502, nameof(ProblemReason.Unreachable), "could not be asked for a token for 'acme'")]
    public async Task WhatIsWrongWithTheTokenIsSaid(int status, string reason, string said)
    {
        Minting = () => FakeGitHub.Refusal((HttpStatusCode)status, "The permissions requested are not granted.");

        Assert.Contains(said, await FaultAsync(Enum.Parse<ProblemReason>(reason)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailureIsNotRepeatedByEveryRequest()
    {
        Minting = () => FakeGitHub.Refusal(HttpStatusCode.UnprocessableEntity);
        var api = await ApiAsync();
        for (var i = 0; i < 5; i++)
            Assert.NotNull((await AnswerAsync(api)).Failure?.Problem);

        Assert.Equal(1, bench.GitHub.Count("access_tokens"));
    }

    private const string Runs = "repos/acme/app/actions/runs?status=queued&exclude_pull_requests=true";

    private Func<string, bool> Refuses { get; set; } = _ => false;

    private HttpResponseMessage? Answer(HttpRequestMessage request, string path)
    {
        var bearer = request.Headers.Authorization!.Parameter!;
        bearers.Add(bearer);
        if (path == "/orgs/acme/installation")
            return Installation is null ? FakeGitHub.Refusal(HttpStatusCode.NotFound) : FakeGitHub.Json(Installation);
        if (path == "/users/acme/installation")
            return FakeGitHub.Refusal(HttpStatusCode.NotFound);
        if (path.EndsWith("/access_tokens", StringComparison.Ordinal))
        {
            using var reader = new StreamReader(request.Content!.ReadAsStream());
            bodies.Add(reader.ReadToEnd());
            return Minting() ?? FakeGitHub.Json(
                new { token = $"ghs_7_{++minted}", expires_at = bench.Time.GetUtcNow().AddHours(1) },
                HttpStatusCode.Created);
        }
        if (Refuses(bearer))
            return FakeGitHub.Refusal(HttpStatusCode.Unauthorized, "Bad credentials");
        return FakeGitHub.Json(new { total_count = 0, workflow_runs = Array.Empty<object>() });
    }

    private async Task<GitHubApi> ApiAsync(bool ofOrganization = true)
    {
        var (account, fault) = await bench.Accounts.OpenAsync(GitHubRig.Account, GitHubRig.Cancel);
        Assert.Null(fault);
        return account!.Api("acme", ofOrganization);
    }

    private static async Task AskAsync(GitHubApi api)
    {
        var answer = await AnswerAsync(api);
        Assert.True(answer.Ok, answer.Failure?.Detail);
    }

    private static Task<GitHubAnswer<Page<RunData>>> AnswerAsync(GitHubApi api) =>
        api.GetAsync<Page<RunData>>(Runs, GitHubRig.Cancel);

    private async Task<string> FaultAsync(ProblemReason reason)
    {
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        var fault = (await AnswerAsync(await ApiAsync())).Failure?.Problem;
        Assert.Equal(reason, fault?.Reason);
        return fault!.Message;
    }
}
