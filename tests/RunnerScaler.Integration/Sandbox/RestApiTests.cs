using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Integration.Sandbox;

public sealed class RestApiTests : IAsyncLifetime
{
    private const string Runners = "orgs/acme/actions/runners";
    private static readonly string[] SelfHosted = ["self-hosted"];

    private RestBox _box = null!;

    public async ValueTask InitializeAsync() => _box = await RestBox.StartAsync();

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Fact]
    public async Task AnAppFindsItsInstallationTakesATokenAndCalls()
    {
        var installation = await _box.JsonAsync("orgs/acme/installation", _box.Jwt());
        var id = installation.GetProperty("id").GetInt64();
        Assert.Equal(_box.Installation.Id, id);
        var narrow = new { permissions = new { actions = "read", metadata = "read" }, repositories = new[] { "lib" } };
        var created = await _box.SendAsync(
            HttpMethod.Post, $"app/installations/{id}/access_tokens", _box.Jwt(), narrow);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var answer = await RestBox.JsonAsync(created);
        var token = answer.GetProperty("token").GetString()!;
        Assert.Equal("2026-09-01T09:00:00Z", answer.GetProperty("expires_at").GetString());
        Assert.Equal("selected", answer.GetProperty("repository_selection").GetString());

        var repositories = await _box.JsonAsync("installation/repositories", token);
        Assert.Equal("acme/lib", Only(repositories, "repositories").GetProperty("full_name").GetString());
        Assert.Equal(200, await StatusAsync("repos/acme/lib/actions/runs", token));
        Assert.Equal(404, await StatusAsync("repos/acme/app/actions/runs", token));
        Assert.Equal(403, await StatusAsync(Runners, token));
        _box.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(401, await StatusAsync("repos/acme/lib/actions/runs", token));
    }

    [Theory]
    [InlineData("repos/acme/app/actions/runs", 404)]
    [InlineData("repos/acme/site/actions/runs", 200)]
    [InlineData("repos/acme/nothing/actions/runs", 404)]
    [InlineData(Runners, 401)]
    [InlineData("app", 401)]
    public async Task WithoutACredentialOnlyThePublicIsVisible(string path, int status) =>
        Assert.Equal(status, await StatusAsync(path, token: null));

    [Fact]
    public async Task ABadCredentialIsRefusedEvenForWhatIsPublic()
    {
        var response = await _box.GetAsync("repos/acme/site/actions/runs", "ghp_wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bad credentials", (await RestBox.JsonAsync(response)).GetProperty("message").GetString());
    }

    [Fact]
    public async Task AMissingPermissionIsNamed()
    {
        var response = await _box.GetAsync(Runners, _box.Token((Permission.Actions, Permission.Read)));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(
            "Resource not accessible by integration",
            (await RestBox.JsonAsync(response)).GetProperty("message").GetString());
        Assert.Equal(
            "organization_self_hosted_runners=read",
            response.Headers.GetValues("x-accepted-github-permissions").Single());
    }

    [Fact]
    public async Task AnEntityTagHoldsForOneTokenAndUntilSomethingChanges()
    {
        const string path = "repos/acme/app/actions/runs?status=queued";
        var (one, two) = (_box.Token(), _box.Token());
        var first = await _box.GetAsync(path, one);
        var tag = first.Headers.ETag!.Tag;
        Assert.False(first.Headers.ETag.IsWeak);
        var body = await first.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal("""{"total_count":0,"workflow_runs":[]}""", Encoding.UTF8.GetString(body));
        Assert.Equal(Expected(one, body), tag);

        var again = await _box.GetAsync(path, one, tag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(tag, again.Headers.ETag!.Tag);
        var other = await _box.GetAsync(path, two, tag);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(Expected(two, body), other.Headers.ETag!.Tag);

        _box.Organization.QueueRun("acme/app", new WorkflowSpec("ci", new JobSpec("build")));
        Assert.Equal(HttpStatusCode.OK, (await _box.GetAsync(path, one, tag)).StatusCode);
    }

    [Fact]
    public async Task ListsArePagedWithLinks()
    {
        QueueRuns(7);
        var token = _box.Token();
        const string path = "repos/acme/app/actions/runs?status=queued&per_page=3&page=2";
        var response = await _box.GetAsync(path, token);
        var page = await RestBox.JsonAsync(response);
        Assert.Equal(7, page.GetProperty("total_count").GetInt32());
        Assert.Equal(
            [4, 3, 2],
            page.GetProperty("workflow_runs").EnumerateArray().Select(run => run.GetProperty("run_number").GetInt32()));
        var links = response.Headers.GetValues("Link").Single().Split(", ");
        Assert.Equal(["prev", "next", "last", "first"], links.Select(link => link.Split('"')[1]));
        var next = links[1].Split('<', '>')[1];
        var last = await _box.JsonAsync(next, token);
        Assert.Equal(1, Only(last, "workflow_runs").GetProperty("run_number").GetInt32());
        var beyond = await _box.JsonAsync("repos/acme/app/actions/runs?page=9", token);
        Assert.Equal(0, beyond.GetProperty("workflow_runs").GetArrayLength());
    }

    [Fact]
    public async Task AFilteredListEndsAfterAThousand()
    {
        QueueRuns(1001);
        var token = _box.Token();
        var filtered = await _box.GetAsync("repos/acme/app/actions/runs?status=queued&per_page=100&page=11", token);
        Assert.Equal(0, (await RestBox.JsonAsync(filtered)).GetProperty("workflow_runs").GetArrayLength());
        var all = await _box.JsonAsync("repos/acme/app/actions/runs?per_page=100&page=11", token);
        Assert.Equal(1, all.GetProperty("workflow_runs").GetArrayLength());
    }

    [Fact]
    public async Task JobsAreListedByAttempt()
    {
        var run = _box.Organization.QueueRun("acme/app", new WorkflowSpec("ci", new JobSpec("build")));
        _box.Organization.CancelRun(run.Id);
        _box.Organization.RerunRun(run.Id);
        var (token, jobs) = (_box.Token(), $"repos/acme/app/actions/runs/{run.Id}");
        var latest = Only(await _box.JsonAsync($"{jobs}/jobs", token), "jobs");
        Assert.Equal(2, latest.GetProperty("run_attempt").GetInt32());
        Assert.Equal("queued", latest.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, latest.GetProperty("runner_id").ValueKind);
        var all = await _box.JsonAsync($"{jobs}/jobs?filter=all", token);
        Assert.Equal(2, all.GetProperty("total_count").GetInt32());
        var first = Only(await _box.JsonAsync($"{jobs}/attempts/1/jobs", token), "jobs");
        Assert.Equal(
            ("cancelled", 0), (first.GetProperty("conclusion").GetString(), first.GetProperty("runner_id").GetInt32()));
        var one = await _box.JsonAsync($"repos/acme/app/actions/jobs/{latest.GetProperty("id")}", token);
        Assert.Equal("build", one.GetProperty("name").GetString());
        Assert.Equal(404, await StatusAsync($"{jobs}/attempts/3/jobs", token));
        Assert.Equal(404, await StatusAsync($"repos/acme/lib/actions/runs/{run.Id}/jobs", token));
    }

    [Fact]
    public async Task ARunnerIsRegisteredFoundAndDeleted()
    {
        var token = _box.Token();
        var groups = await _box.JsonAsync("orgs/acme/actions/runner-groups?visible_to_repository=app", token);
        var group = Only(groups, "runner_groups").GetProperty("id").GetInt64();
        var request = new { name = "linux-7-1a2b3c4d", runner_group_id = group, labels = SelfHosted };
        var created = await _box.SendAsync(HttpMethod.Post, $"{Runners}/generate-jitconfig", token, request);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var answer = await RestBox.JsonAsync(created);
        Assert.NotNull(_box.Organization.Connect(answer.GetProperty("encoded_jit_config").GetString()!));
        var twice = await _box.SendAsync(HttpMethod.Post, $"{Runners}/generate-jitconfig", token, request);
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);

        var runner = Only(await _box.JsonAsync($"{Runners}?name=linux-7-1a2b3c4d", token), "runners");
        Assert.Equal("online", runner.GetProperty("status").GetString());
        var self = $"{Runners}/{runner.GetProperty("id")}";
        Assert.Equal(200, await StatusAsync(self, token));
        Assert.Equal(HttpStatusCode.NoContent, (await _box.SendAsync(HttpMethod.Delete, self, token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _box.SendAsync(HttpMethod.Delete, self, token)).StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"r","labels":["x"]}""", 422)]
    [InlineData("""{"name":"r","runner_group_id":999,"labels":["x"]}""", 422)]
    [InlineData("""{"name":"r","runner_group_id":1.5,"labels":["x"]}""", 422)]
    [InlineData("""{"name":"r","runner_group_id":1,"labels":[]}""", 422)]
    [InlineData("""{"name":"r","runner_group_id":1,"labels":[1]}""", 422)]
    public async Task ABadRequestForAConfigurationIsInvalid(string body, int status)
    {
        var json = JsonSerializer.Deserialize<JsonElement>(body);
        var response = await _box.SendAsync(HttpMethod.Post, $"{Runners}/generate-jitconfig", _box.Token(), json);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(_box.Organization.AllRunners());
    }

    [Theory]
    [InlineData(null, 200)]
    [InlineData("2022-11-28", 200)]
    [InlineData("2026-03-10", 200)]
    [InlineData("2021-01-01", 400)]
    public async Task OnlyKnownVersionsOfTheInterfaceAreServed(string? version, int status) => Assert.Equal(
        status, (int)(await _box.GetAsync("repos/acme/app/actions/runs", _box.Token(), version: version)).StatusCode);

    [Fact]
    public async Task TheNewerVersionHasNoTopLevelRate()
    {
        var newer = await RestBox.JsonAsync(await _box.GetAsync("rate_limit", _box.Token(), version: "2026-03-10"));
        Assert.False(newer.TryGetProperty("rate", out _));
        Assert.True((await _box.JsonAsync("rate_limit", _box.Token())).TryGetProperty("rate", out _));
    }

    [Fact]
    public async Task AUsersListShowsThePublicOnlyAndItsOwnerSeesAll()
    {
        _box.Organization.AddRepository("alice/open", isPrivate: false);
        _box.Organization.AddRepository("alice/secret");
        var token = _box.Organization.Credentials.AddPersonalToken("alice", ["repo"]);
        Assert.Equal(["open"], Names(await _box.JsonAsync("users/alice/repos", token)));
        Assert.Equal(["open", "secret"], Names(await _box.JsonAsync("user/repos", token)));
    }

    [Fact]
    public async Task AnOrganizationsRepositoriesAreSortedByTheirLastPush()
    {
        _box.Clock.Advance(TimeSpan.FromMinutes(1));
        _box.Organization.QueueRun("acme/lib", new WorkflowSpec("ci", new JobSpec("build")));
        var repositories = await _box.JsonAsync("orgs/acme/repos?sort=pushed", _box.Token());
        Assert.Equal(["lib", "site", "app"], Names(repositories));
    }

    [Fact]
    public async Task UnknownRoutesAnswerJson()
    {
        var response = await _box.GetAsync("nothing/here", _box.Token());
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", $"{response.Content.Headers.ContentType}");
    }

    private static string Expected(string token, byte[] body)
    {
        byte[] head = Encoding.ASCII.GetBytes($"application/vnd.github+json:Bearer {token}:");
        return $"\"{Convert.ToHexStringLower(SHA256.HashData([.. head, .. body]))}\"";
    }

    private static JsonElement Only(JsonElement page, string list) =>
        Assert.Single(page.GetProperty(list).EnumerateArray());

    private static IEnumerable<string> Names(JsonElement list) =>
        list.EnumerateArray().Select(each => each.GetProperty("name").GetString()!);

    private void QueueRuns(int count)
    {
        var workflow = new WorkflowSpec("ci", new JobSpec("build"));
        for (var i = 0; i < count; i++) _box.Organization.QueueRun("acme/app", workflow);
    }

    private async Task<int> StatusAsync(string path, string? token) =>
        (int)(await _box.GetAsync(path, token)).StatusCode;
}
