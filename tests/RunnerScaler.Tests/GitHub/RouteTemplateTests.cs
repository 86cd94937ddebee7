using RunnerScaler.GitHub.Http;

namespace RunnerScaler.Tests.GitHub;

public sealed class RouteTemplateTests
{
    [Theory]
    [InlineData("https://host/repos/acme/app/actions/runs?status=queued", "/repos/{owner}/{repo}/actions/runs")]
    [InlineData("https://host/repos/acme/runs/actions/runs/5/jobs", "/repos/{owner}/{repo}/actions/runs/{id}/jobs")]
    [InlineData("http://127.0.0.1:80/api/v3/orgs/runners/actions/runners/12", "/orgs/{org}/actions/runners/{id}")]
    [InlineData("https://host/users/123/installation", "/users/{user}/installation")]
    [InlineData("https://host/app/installations/5/access_tokens", "/app/installations/{id}/access_tokens")]
    [InlineData("https://host/acme/app", "/{other}/{owner}")]
    [InlineData("https://host/", "/")]
    public void VariablePartsAreReplaced(string address, string route) =>
        Assert.Equal(route, RouteTemplate.Of(new Uri(address)));
}
