using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.GitHub;

public sealed class RegistrarTests
{
    private const string Jit = "c2VjcmV0";

    private readonly GitHubRig bench = new();
    private readonly List<JsonElement> bodies = [];

    public RegistrarTests() => bench.GitHub.Intercept = Answer;

    private static RegistrationTarget Organization => new(GitHubRig.Account, "acme", null);

    private static RegistrationTarget Repository => new(GitHubRig.Account, "acme", "app");

    private Func<string, HttpResponseMessage?> Script { get; set; } = _ => null;

    [Theory]
    [InlineData(null, 3)]
    [InlineData("Builders", 9)]
    [InlineData("builders", 9)]
    public async Task AnOrganisationsRunnerNamesItsGroup(string? group, int id)
    {
        var result = await RegisterAsync(Organization, group);

        var registered = Assert.IsType<JitResult.Registered>(result);
        Assert.Equal((77L, Jit), (registered.RunnerId, registered.Config));
        Assert.DoesNotContain(Jit, $"{registered}", StringComparison.Ordinal);
        var body = Assert.Single(bodies);
        Assert.Equal("linux-1-abc", body.GetProperty("name").GetString());
        Assert.Equal(id, body.GetProperty("runner_group_id").GetInt32());
        Assert.Equal(["linux", "self-hosted"], body.GetProperty("labels").EnumerateArray().Select(l => l.GetString()!));
        Assert.Equal("_work", body.GetProperty("work_folder").GetString());
        Assert.Equal(1, bench.GitHub.Count("POST /orgs/acme/actions/runners/generate-jitconfig"));
    }

    [Fact]
    public async Task WhatIsNotWantedAnyMoreIsNotSent()
    {
        Assert.IsType<JitResult.Withdrawn>(await bench.Registrar.CreateJitConfigAsync(
            new JitRequest(Organization, "linux-1-abc", null, LabelSet.Of("linux")) { IsStillWanted = () => false },
            GitHubRig.Cancel));

        Assert.Equal(0, bench.GitHub.Count("generate-jitconfig"));
    }

    [Fact]
    public async Task ARepositorysRunnerIsInTheFirstGroup()
    {
        Assert.IsType<JitResult.Registered>(await RegisterAsync(Repository, "Builders"));

        Assert.Equal(1, Assert.Single(bodies).GetProperty("runner_group_id").GetInt32());
        Assert.Equal(["POST /repos/acme/app/actions/runners/generate-jitconfig"], bench.GitHub.Requests);
    }

    [Fact]
    public async Task GroupsAreAskedForOnce()
    {
        await RegisterAsync(Organization, null);
        await RegisterAsync(Organization, "Builders");
        Assert.Equal(1, bench.GitHub.Count("runner-groups"));

        bench.Time.Advance(TimeSpan.FromMinutes(11));
        await RegisterAsync(Organization, null);
        Assert.Equal(2, bench.GitHub.Count("runner-groups"));
    }

    [Fact]
    public async Task AnUnknownGroupIsNamedWithThoseThatThereAre()
    {
        var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync(Organization, "Bulders"));

        Assert.Equal(ProblemReason.RunnerGroupNotFound, refused.Problem.Reason);
        Assert.Contains("no runner group 'Bulders'", refused.Problem.Message, StringComparison.Ordinal);
        Assert.Contains("'Default', 'Builders'", refused.Problem.Message, StringComparison.Ordinal);
        Assert.Empty(bodies);
    }

    [Fact]
    public async Task TheRulesOfAGroupAreRead()
    {
        Script = path => path switch
        {
            _ when path.StartsWith("/orgs/acme/actions/runner-groups/9/repositories", StringComparison.Ordinal) =>
                FakeGitHub.Json(JsonNode.Parse(
                    """{"total_count":1,"repositories":[{"name":"Lib","owner":{"login":"acme"}}]}""")!),
            _ when path.StartsWith("/orgs/acme/actions/runner-groups", StringComparison.Ordinal) =>
                FakeGitHub.Json(JsonNode.Parse("""
                    {"total_count":2,"runner_groups":[
                     {"id":3,"name":"Default","default":true,"visibility":"all","allows_public_repositories":false},
                     {"id":9,"name":"Builders","default":false,"visibility":"selected",
                      "allows_public_repositories":true,"restricted_to_workflows":true,
                      "selected_workflows":["acme/app/.github/workflows/deploy.yml@main"]}]}
                    """)!),
            _ => null,
        };
        var registrar = bench.Registrar;
        var open = await registrar.GroupAsync(Organization, null, TestContext.Current.CancellationToken);
        Assert.Equal(new("Default", GroupVisibility.All, false, null, null), open);
        var closed = await registrar.GroupAsync(Organization, "builders", TestContext.Current.CancellationToken);
        Assert.Equal(
            new("Builders", GroupVisibility.Selected, true, ["lib"], ["acme/app/.github/workflows/deploy.yml@main"]),
            closed);
        Assert.Null(await registrar.GroupAsync(Organization, "none", TestContext.Current.CancellationToken));
        Assert.Null(await registrar.GroupAsync(Repository, null, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(401, nameof(ProblemReason.CredentialsRefused))]
    [InlineData(403, nameof(ProblemReason.PermissionMissing))]
    [InlineData(404, nameof(ProblemReason.ScopeNotFound))]
    [InlineData(422, nameof(ProblemReason.RegistrationRefused))]
    public async Task ARefusalIsSaid(int status, string reason)
    {
        Script = path => IsJit(path) ? FakeGitHub.Refusal((HttpStatusCode)status, "why not") : null;

        var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync(Organization, null));

        Assert.Equal(Enum.Parse<ProblemReason>(reason), refused.Problem.Reason);
        Assert.False(refused.Problem.Passes);
        Assert.Single(bodies);
    }

    [Fact]
    public async Task ATakenNameIsSaid()
    {
        Script = path => IsJit(path) ? FakeGitHub.Refusal(HttpStatusCode.Conflict, "Already exists") : null;

        Assert.IsType<JitResult.NameTaken>(await RegisterAsync(Organization, null));
    }

    [Theory]
    [InlineData("502")]
    [InlineData("503")]
    [InlineData("lost")]
    [InlineData("html")]
    [InlineData("no config")]
    public async Task WithoutAClearAnswerItIsSentOnceAndMayExist(string kind)
    {
        Script = path => !IsJit(path) ? null : kind switch
        {
            "lost" => throw new HttpRequestException("reset"),
            "html" => FakeGitHub.Html(HttpStatusCode.Created),
            "no config" => FakeGitHub.Json(new { runner = new { id = 5 } }, HttpStatusCode.Created),
            _ => FakeGitHub.Refusal((HttpStatusCode)int.Parse(kind, null)),
        };

        var unavailable = Assert.IsType<JitResult.Unavailable>(await RegisterAsync(Repository, null));

        Assert.Equal(ProblemReason.Unreachable, unavailable.Problem.Reason);
        Assert.InRange(unavailable.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        Assert.True(unavailable.MayExist);
        Assert.Single(bodies);
    }

    [Fact]
    public async Task ALimitSaysWhenToComeBackAndNothingMoreIsSent()
    {
        Script = path =>
        {
            var answer = FakeGitHub.Refusal(HttpStatusCode.Forbidden, "You have exceeded a secondary rate limit");
            answer.Headers.Add("retry-after", "90");
            return answer;
        };

        var first = Assert.IsType<JitResult.Unavailable>(await RegisterAsync(Repository, null));
        bench.Time.Advance(TimeSpan.FromSeconds(30));
        var second = Assert.IsType<JitResult.Unavailable>(await RegisterAsync(Repository, null));

        Assert.Equal((ProblemReason.RateLimited, 90), (first.Problem.Reason, first.RetryAfter.TotalSeconds));
        Assert.Equal(60, second.RetryAfter.TotalSeconds);
        Assert.False(first.MayExist || second.MayExist);
        Assert.Single(bodies);
    }

    [Fact]
    public async Task WithoutACredentialNothingIsSent()
    {
        bench.Secrets.Result = new SecretResult.Missing();

        Assert.IsType<JitResult.Refused>(await RegisterAsync(Organization, null));
        Assert.Equal(DeregisterResult.Unavailable, await RemoveAsync(5));
        Assert.False((await FindAsync(5)).Known);
        Assert.Null(await bench.Registrar.ListAsync(Organization, GitHubRig.Cancel));
        Assert.Empty(bench.GitHub.Requests);
    }

    [Theory]
    [InlineData(5L, 204, true, nameof(DeregisterResult.Deleted))]
    [InlineData(null, 204, true, nameof(DeregisterResult.Deleted))]
    [InlineData(null, 204, false, nameof(DeregisterResult.Gone))]
    [InlineData(5L, 404, false, nameof(DeregisterResult.Gone))]
    [InlineData(5L, 422, true, nameof(DeregisterResult.Busy))]
    [InlineData(null, 422, true, nameof(DeregisterResult.Busy))]
    [InlineData(5L, 403, true, nameof(DeregisterResult.Unavailable))]
    [InlineData(5L, 502, true, nameof(DeregisterResult.Unavailable))]
    public async Task ADeletionHasOneOfFourEnds(long? id, int status, bool listed, string result)
    {
        Script = path => path switch
        {
            "/orgs/acme/actions/runners/5" => status == 204
                ? new HttpResponseMessage(HttpStatusCode.NoContent)
                : FakeGitHub.Refusal((HttpStatusCode)status),
            "/orgs/acme/actions/runners?name=linux-1-abc&per_page=100" => Runners(listed ? [5] : []),
            _ => null,
        };

        Assert.Equal(Enum.Parse<DeregisterResult>(result), await RemoveAsync(id));
    }

    [Fact]
    public async Task ALookUpThatIsRefusedDoesNotSayThatTheRunnerHasAJob()
    {
        Script = path => path.Contains("?name=", StringComparison.Ordinal)
            ? FakeGitHub.Refusal(HttpStatusCode.UnprocessableEntity)
            : null;

        Assert.Equal(DeregisterResult.Unavailable, await RemoveAsync(null));
    }

    [Fact]
    public async Task WhatCannotBeSeenIsNotTakenForGone()
    {
        Script = _ => FakeGitHub.Refusal(HttpStatusCode.NotFound);

        Assert.Equal(DeregisterResult.Unavailable, await RemoveAsync(5));
        Assert.Equal(DeregisterResult.Unavailable, await RemoveAsync(null));
        Assert.False((await FindAsync(5)).Known);
        Assert.False((await FindAsync(null)).Known);
    }

    [Fact]
    public async Task WhatWasRegisteredAtARepositoryThatIsGoneForGoodIsGone()
    {
        Script = _ => FakeGitHub.Refusal(HttpStatusCode.NotFound, "Not Found");
        var asked = new List<int>();
        var results = new List<DeregisterResult>();
        for (var minute = 0; minute < 10; minute++)
        {
            results.Add(await RemoveAsync(5, Repository));
            asked.Add(bench.GitHub.Requests.Count);
            bench.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.All(results.Take(5), r => Assert.Equal(DeregisterResult.Unavailable, r));
        Assert.Equal(DeregisterResult.Gone, results[^1]);
        Assert.Equal(new(true, null), await FindAsync(5, Repository));
        Assert.Equal(asked[^1], bench.GitHub.Requests.Count);
        Assert.Contains("GET /repos/acme/app", bench.GitHub.Requests);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    public async Task WhereGitHubRefusesItIsAskedEverMoreRarely(int status)
    {
        Script = path => path == "/repos/acme/app"
            ? FakeGitHub.Json(new { id = 7 })
            : FakeGitHub.Refusal((HttpStatusCode)status, "no");
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            Assert.Equal(DeregisterResult.Unavailable, await RemoveAsync(null, Repository));
            bench.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(bench.GitHub.Count("GET /repos/acme/app/actions/runners"), 20, 40);
        Script = _ => Runners([]);
        bench.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(DeregisterResult.Gone, await RemoveAsync(null, Repository));
        Assert.Equal(DeregisterResult.Gone, await RemoveAsync(null, Repository));
    }

    [Fact]
    public async Task AnotherCredentialIsTriedAtOnce()
    {
        Script = _ => FakeGitHub.Refusal(HttpStatusCode.Forbidden, "no");
        for (var i = 0; i < 20; i++)
        {
            await RemoveAsync(null, Repository);
            bench.Time.Advance(TimeSpan.FromMinutes(5));
        }
        Script = _ => Runners([]);
        Assert.Equal(DeregisterResult.Unavailable, await RemoveAsync(null, Repository));

        bench.Secrets.Set(("token", "ghp_new"));
        bench.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(DeregisterResult.Gone, await RemoveAsync(null, Repository));
    }

    [Fact]
    public async Task WhatBreaksOnceIsAskedAgainAtOnce()
    {
        Script = _ => FakeGitHub.Refusal(HttpStatusCode.BadGateway);
        Assert.Equal(DeregisterResult.Unavailable, await RemoveAsync(null, Repository));
        Script = _ => Runners([]);

        Assert.Equal(DeregisterResult.Gone, await RemoveAsync(null, Repository));
    }

    [Fact]
    public async Task ARunnerIsFoundByIdOrName()
    {
        Script = path => path switch
        {
            "/orgs/acme/actions/runners/5" => FakeGitHub.Json(Runner(5)),
            "/orgs/acme/actions/runners/6" => FakeGitHub.Refusal(HttpStatusCode.NotFound),
            "/orgs/acme/actions/runners?name=linux-1-abc&per_page=100" => Runners([9, 5]),
            _ => null,
        };

        var expected = new LookupResult(true, new Registration(5, "linux-1-abc", true, true));
        Assert.Equal(expected, await FindAsync(5));
        Assert.Equal(expected, await FindAsync(null));
        Assert.Equal(expected, await FindAsync(6));
    }

    [Fact]
    public async Task AllPagesAreListedOrNone()
    {
        var all = Enumerable.Range(1, 150).Select(i => (long)i).ToArray();
        Script = path => path switch
        {
            "/orgs/acme/actions/runners?per_page=100" => Runners(all[..100], 150),
            "/orgs/acme/actions/runners?per_page=100&page=2" => Runners(all[100..], 150),
            _ => null,
        };
        var listed = await bench.Registrar.ListAsync(Organization, GitHubRig.Cancel);
        Assert.Equal(150, listed!.Count);
        Assert.Contains(new Registration(5, "linux-1-abc", true, true), listed);

        Script = path =>
            Runners(path.EndsWith("page=2", StringComparison.Ordinal) ? all[101..] : all[..100], total: 150);
        Assert.Null(await bench.Registrar.ListAsync(Organization, GitHubRig.Cancel));

        Script = _ => FakeGitHub.Html();
        Assert.Null(await bench.Registrar.ListAsync(Organization, GitHubRig.Cancel));
    }

    private static bool IsJit(string path) => path.EndsWith("/generate-jitconfig", StringComparison.Ordinal);

    private static object Runner(long id) => id == 5
        ? new { id, name = "linux-1-abc", status = "online", busy = true }
        : new { id, name = $"other-{id}", status = "offline", busy = false };

    private static HttpResponseMessage Runners(long[] ids, int? total = null) =>
        FakeGitHub.Json(new { total_count = total ?? ids.Length, runners = ids.Select(Runner).ToArray() });

    private Task<JitResult> RegisterAsync(RegistrationTarget target, string? group) =>
        bench.Registrar.CreateJitConfigAsync(
            new JitRequest(target, "linux-1-abc", group, LabelSet.Of("self-hosted", "linux")), GitHubRig.Cancel);

    private Task<DeregisterResult> RemoveAsync(long? id, RegistrationTarget? at = null) =>
        bench.Registrar.DeregisterAsync(at ?? Organization, "linux-1-abc", id, GitHubRig.Cancel);

    private Task<LookupResult> FindAsync(long? id, RegistrationTarget? at = null) =>
        bench.Registrar.FindAsync(at ?? Organization, "linux-1-abc", id, GitHubRig.Cancel);

    private HttpResponseMessage? Answer(HttpRequestMessage request, string path)
    {
        if (IsJit(path))
        {
            using var body = request.Content!.ReadAsStream();
            bodies.Add(JsonDocument.Parse(body).RootElement.Clone());
        }
        if (Script(path) is { } scripted)
            return scripted;
        if (path.StartsWith("/orgs/acme/actions/runner-groups?", StringComparison.Ordinal))
            return FakeGitHub.Json(new
            {
                total_count = 2.0,
                runner_groups = new object[]
                {
                    new { id = 3, name = "Default", @default = true },
                    new { id = 9, name = "Builders", @default = false },
                },
            });
        return IsJit(path)
            ? FakeGitHub.Json(
                new { runner = new { id = 77, name = "linux-1-abc" }, encoded_jit_config = Jit },
                HttpStatusCode.Created)
            : null;
    }
}
