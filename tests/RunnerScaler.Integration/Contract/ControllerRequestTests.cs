namespace RunnerScaler.Integration.Contract;

/// <summary>
/// What the controller asks of GitHub exists there, with its parameters and bodies, in every edition.
/// </summary>
public sealed class ControllerRequestTests(SandboxGitHub gitHub) : IClassFixture<SandboxGitHub>
{
    private static readonly string[] OfQueue =
    [
        "GET /repos/{owner}/{repo}/actions/runs",
        "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
    ];

    private static readonly string[] OfOrganization =
    [
        "GET /orgs/{org}/actions/runner-groups",
        "POST /orgs/{org}/actions/runners/generate-jitconfig",
        "GET /orgs/{org}/actions/runners",
        "GET /orgs/{org}/actions/runners/{runner_id}",
        "DELETE /orgs/{org}/actions/runners/{runner_id}",
    ];

    private static readonly string[] OfRepository =
    [
        "POST /repos/{owner}/{repo}/actions/runners/generate-jitconfig",
        "GET /repos/{owner}/{repo}/actions/runners",
        "GET /repos/{owner}/{repo}/actions/runners/{runner_id}",
        "DELETE /repos/{owner}/{repo}/actions/runners/{runner_id}",
    ];

    private static readonly string[] OfApp =
        ["POST /app/installations/{installation_id}/access_tokens", "GET /app/hook/deliveries"];

    [Fact]
    public Task AnAppAtAnOrganisation() => CheckAsync(Asker.App, "acme", "app",
        ["GET /orgs/{org}/installation", "GET /installation/repositories", .. OfApp, .. OfQueue, .. OfOrganization]);

    [Fact]
    public Task AnAppAtEachRepositoryOfAUser() => CheckAsync(Asker.App, "alice/*", "notes",
    [
        "GET /users/{username}/installation", "GET /installation/repositories", .. OfApp, .. OfQueue, .. OfRepository,
    ]);

    [Fact]
    public Task ATokenAtAnOrganisation() => CheckAsync(
        Asker.User, "acme", "app", ["GET /orgs/{org}/repos", .. OfQueue, .. OfOrganization]);

    [Fact]
    public Task ATokenAtEachRepositoryOfItsUser() => CheckAsync(
        Asker.User, "alice/*", "notes", ["GET /user/repos", .. OfQueue, .. OfRepository]);

    [Fact]
    public Task ATokenAtOneRepository() => CheckAsync(
        Asker.User, "acme/app", "app", [.. OfQueue, .. OfRepository]);

    /// <summary>
    /// Asked only when a run vanishes from the lists with a job unfinished, which takes luck to provoke.
    /// </summary>
    [Fact]
    public async Task ASingleRun()
    {
        foreach (var edition in Packages.Editions)
            Assert.Empty(await SentRequest.Of("GET", "/repos/acme/app/actions/runs/33714470481")
                .ProblemsAsync(Packages.Description(edition)));
    }

    private async Task CheckAsync(Asker asker, string serves, string repository, string[] expected)
    {
        var cancel = TestContext.Current.CancellationToken;
        var descriptions = Packages.Editions.Select(Packages.Description).ToArray();
        using var controller = new ControllerOfPool(gitHub, asker, serves);

        var faults = await controller.ReadQueueAsync(cancel);
        await controller.RegisterAndRemoveAsync(repository, $"linux-0-{asker}".ToLowerInvariant(), cancel);

        Assert.Empty(faults);
        List<string> problems = [];
        foreach (var description in descriptions)
            foreach (var request in controller.Recorder.Sent)
                problems.AddRange(await request.ProblemsAsync(description));
        Assert.True(problems.Count == 0, string.Join('\n', problems.Distinct()));
        var asked = controller.Recorder.Sent
            .Select(r => $"{r.Method} {descriptions[0].Find(r.Method, r.Path)!.Template}");
        Assert.Equal(expected.Order(StringComparer.Ordinal), asked.Distinct().Order(StringComparer.Ordinal));
    }
}
