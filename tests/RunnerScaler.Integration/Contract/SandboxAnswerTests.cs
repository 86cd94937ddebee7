using System.Text.Json.Nodes;

namespace RunnerScaler.Integration.Contract;

/// <summary>
/// What the sandbox answers in GitHub's stead is what GitHub says that it answers: otherwise all that is tested against
/// the sandbox would be tested against a fancy.
/// </summary>
public sealed class SandboxAnswerTests(SandboxGitHub gitHub) : IClassFixture<SandboxGitHub>
{
    private const string Runs = "/repos/acme/app/actions/runs";
    private const string OfOrganization = "/orgs/acme/actions/runners";
    private const string OfRepository = "/repos/acme/app/actions/runners";

    [Theory]
    [InlineData(Asker.Installation, "GET", Runs, 200)]
    [InlineData(Asker.Installation, "GET", Runs + "?status=queued&per_page=2&page=1&exclude_pull_requests=true", 200)]
    [InlineData(Asker.User, "GET", Runs + "?status=in_progress", 200)]
    [InlineData(Asker.Installation, "GET", Runs + "/{run}", 200)]
    [InlineData(Asker.Installation, "GET", Runs + "/{run}/jobs?filter=latest&per_page=100", 200)]
    [InlineData(Asker.Installation, "GET", Runs + "/{rerun}/jobs?filter=all", 200)]
    [InlineData(Asker.Installation, "GET", Runs + "/{zombie}/jobs", 200)]
    [InlineData(Asker.Installation, "GET", Runs + "/{rerun}/attempts/1/jobs", 200)]
    [InlineData(Asker.Installation, "GET", "/repos/acme/app/actions/jobs/{job}", 200)]
    [InlineData(Asker.Installation, "GET", OfOrganization + "?per_page=100", 200)]
    [InlineData(Asker.Installation, "GET", OfOrganization + "?name=idle", 200)]
    [InlineData(Asker.Installation, "GET", OfOrganization + "/{busy}", 200)]
    [InlineData(Asker.Installation, "GET", OfOrganization + "/{offline}", 200)]
    [InlineData(Asker.User, "GET", OfRepository, 200)]
    [InlineData(Asker.User, "GET", OfRepository + "/{single}", 200)]
    [InlineData(Asker.Installation, "GET", "/orgs/acme/actions/runner-groups?visible_to_repository=app", 200)]
    [InlineData(Asker.Installation, "GET", "/orgs/acme/actions/runner-groups/{group}", 200)]
    [InlineData(Asker.Installation, "GET", "/orgs/acme/actions/runner-groups/{group}/runners", 200)]
    [InlineData(Asker.Installation, "GET", "/orgs/acme/repos?sort=pushed&per_page=100", 200)]
    [InlineData(Asker.User, "GET", "/repos/acme/app", 200)]
    [InlineData(Asker.User, "GET", "/users/alice/repos", 200)]
    [InlineData(Asker.User, "GET", "/user/repos", 200)]
    [InlineData(Asker.Installation, "GET", "/installation/repositories?per_page=1&page=2", 200)]
    [InlineData(Asker.Installation, "GET", "/rate_limit", 200)]
    [InlineData(Asker.App, "GET", "/app", 200)]
    [InlineData(Asker.App, "GET", "/app/installations/{installation}", 200)]
    [InlineData(Asker.App, "GET", "/orgs/acme/installation", 200)]
    [InlineData(Asker.App, "GET", "/app/hook/deliveries?per_page=2&status=success", 200)]
    [InlineData(Asker.App, "GET", "/app/hook/deliveries?cursor=nothing", 422)]
    [InlineData(Asker.App, "GET", "/repos/acme/app/installation", 200)]
    public Task ReadingAnswersAsGitHubDoes(Asker asker, string method, string path, int status) =>
        CheckAsync(asker, method, path, null, status);

    [Theory]
    [InlineData(Asker.Installation, OfOrganization, "fresh", "{group}", 201)]
    [InlineData(Asker.User, OfRepository, "fresh", "1", 201)]
    [InlineData(Asker.Installation, OfOrganization, "busy", "{group}", 409)]
    [InlineData(Asker.Installation, OfOrganization, "stray", "987654321", 422)]
    public Task RegisteringAnswersAsGitHubDoes(
        Asker asker, string runners, string name, string group, int status) => CheckAsync(
        asker, "POST", runners + "/generate-jitconfig",
        $$"""{"name": "{{name}}", "runner_group_id": {{group}}, "labels": ["self-hosted", "x64"]}""", status);

    [Theory]
    [InlineData(Asker.Installation, "POST", OfOrganization + "/registration-token", 201)]
    [InlineData(Asker.User, "POST", OfRepository + "/remove-token", 201)]
    [InlineData(Asker.App, "POST", "/app/installations/{installation}/access_tokens", 201)]
    [InlineData(Asker.Installation, "DELETE", OfOrganization + "/{idle}", 204)]
    [InlineData(Asker.Installation, "DELETE", OfOrganization + "/{busy}", 422)]
    public Task ChangingAnswersAsGitHubDoes(Asker asker, string method, string path, int status) =>
        CheckAsync(asker, method, path, null, status);

    [Fact]
    public Task ANarrowedTokenAnswersAsGitHubDoes() => CheckAsync(
        Asker.App, "POST", "/app/installations/{installation}/access_tokens",
        """{"permissions": {"actions": "read", "metadata": "read"}, "repositories": ["app"]}""", 201);

    [Fact]
    public Task ATokenForTooMuchIsRefusedAsGitHubDoes() => CheckAsync(
        Asker.App, "POST", "/app/installations/{installation}/access_tokens",
        """{"permissions": {"secrets": "write"}}""", 422);

    /// <summary>
    /// The description holds an old copy of an installation here, which asks for an account that is a user and an
    /// enterprise at once; so this compares with what a single installation looks like.
    /// </summary>
    [Fact]
    public async Task AListOfInstallationsHoldsInstallations()
    {
        var description = Packages.Description("api.github.com");
        var answer = await gitHub.AskAsync(Asker.App, "GET", "/app/installations", null);

        var schema = description.References.Target("#/components/schemas/installation");
        var installations = JsonNode.Parse(answer.Body)!.AsArray();
        Assert.NotEmpty(installations);
        foreach (var one in installations)
            AssertNone(await new SchemaCheck(description.References).ProblemsAsync(schema, one!.ToJsonString()));
    }

    /// <summary>GitHub describes few refusals; all of them look like this one.</summary>
    [Theory]
    [InlineData(Asker.Installation, Runs + "/1", 404)]
    [InlineData(Asker.Installation, "/orgs/acme/actions/runners/1", 404)]
    [InlineData(Asker.Nobody, "/orgs/acme/actions/runners", 401)]
    [InlineData(Asker.Installation, "/app", 401)]
    public async Task RefusalsLookLikeGitHubs(Asker asker, string path, int status)
    {
        var description = Packages.Description("api.github.com");
        var answer = await gitHub.AskAsync(asker, "GET", path, null);

        Assert.Equal(status, answer.Status);
        var schema = description.References.Target("#/components/schemas/basic-error");
        AssertNone(await new SchemaCheck(description.References).ProblemsAsync(schema, answer.Body));
    }

    private static void AssertNone(IReadOnlyList<string> problems) =>
        Assert.True(problems.Count == 0, string.Join('\n', problems));

    /// <summary>Only GitHub Enterprise Cloud says that it tells.</summary>
    [Theory]
    [InlineData(Asker.Installation, OfOrganization)]
    [InlineData(Asker.User, OfRepository)]
    public Task TheEndOfAVersionIsToldAsGitHubDoes(Asker asker, string runners) =>
        CheckAsync(asker, "GET", runners + "/deprecations/2.336.0", null, 200, "ghec");

    private async Task CheckAsync(
        Asker asker, string method, string path, string? body, int status, string edition = "api.github.com")
    {
        var description = Packages.Description(edition);
        var answer = await gitHub.AskAsync(asker, method, path, body);

        Assert.True(answer.Status == status, $"{answer.Request}: {answer.Status}, not {status}: {answer.Body}");
        AssertNone(await answer.Request.ProblemsAsync(description));
        var operation = description.Find(method, answer.Request.Path)!;
        Assert.True(operation.Answers(status), $"{answer.Request}: GitHub does not describe an answer of {status}");
        if (operation.Answer(status) is { } schema)
            AssertNone(await new SchemaCheck(description.References, onlyNamed: status < 400)
                .ProblemsAsync(schema, answer.Body));
        else
            Assert.Empty(answer.Body);
    }
}
