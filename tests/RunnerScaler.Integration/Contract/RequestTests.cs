namespace RunnerScaler.Integration.Contract;

/// <summary>Each kind of request that the controller makes exists, with its parameters and its body, in every edition.</summary>
public sealed class RequestTests
{
    private const string Repository = "/repos/acme/app";
    private const string JitBody =
        """{"name":"linux-7-1a2b3c4d","runner_group_id":3,"labels":["self-hosted","x64"],"work_folder":"_work"}""";

    public static TheoryData<string, string, string, string?> Requests()
    {
        (string Method, string Path, string? Body)[] requests =
        [
            ("GET", $"{Repository}/actions/runs?status=queued&exclude_pull_requests=true&per_page=100&page=2", null),
            ("GET", $"{Repository}/actions/runs?status=in_progress&exclude_pull_requests=true&per_page=100", null),
            ("GET", $"{Repository}/actions/runs?status=waiting&exclude_pull_requests=true&per_page=100", null),
            ("GET", $"{Repository}/actions/runs/33714470481", null),
            ("GET", $"{Repository}/actions/runs/33714470481/jobs?filter=latest&per_page=100", null),
            ("GET", $"{Repository}/actions/runners?per_page=100", null),
            ("GET", $"{Repository}/actions/runners?name=linux-7-1a2b3c4d&per_page=100", null),
            ("GET", $"{Repository}/actions/runners/42", null),
            ("POST", $"{Repository}/actions/runners/generate-jitconfig", JitBody),
            ("DELETE", $"{Repository}/actions/runners/42", null),
            ("GET", "/orgs/acme/actions/runners?per_page=100&page=2", null),
            ("GET", "/orgs/acme/actions/runners?name=linux-7-1a2b3c4d&per_page=100", null),
            ("GET", "/orgs/acme/actions/runners/42", null),
            ("POST", "/orgs/acme/actions/runners/generate-jitconfig", JitBody),
            ("DELETE", "/orgs/acme/actions/runners/42", null),
            ("GET", "/orgs/acme/actions/runner-groups?per_page=100", null),
            ("GET", "/orgs/acme/repos?sort=pushed&per_page=100", null),
            ("GET", "/users/alice/repos?sort=pushed&per_page=100", null),
            ("GET", "/user/repos?affiliation=owner&sort=pushed&per_page=100", null),
            ("GET", "/installation/repositories?per_page=100", null),
            ("GET", "/orgs/acme/installation", null),
            ("GET", "/users/alice/installation", null),
            ("POST", "/app/installations/7/access_tokens",
                """{"permissions":{"actions":"read","metadata":"read","organization_self_hosted_runners":"write"}}"""),
            ("POST", "/app/installations/7/access_tokens",
                """{"permissions":{"actions":"read","metadata":"read","administration":"write"}}"""),
        ];
        var data = new TheoryData<string, string, string, string?>();
        foreach (var edition in Packages.Editions)
            foreach (var (method, path, body) in requests)
                data.Add(edition, method, path, body);
        return data;
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task ARequestIsOneThatGitHubDescribes(string edition, string method, string path, string? body) =>
        Assert.Empty(await SentRequest.Of(method, path, body).ProblemsAsync(Packages.Description(edition)));
}
