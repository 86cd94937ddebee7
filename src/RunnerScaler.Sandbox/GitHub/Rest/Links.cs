namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>The addresses in bodies, below the address that the caller used.</summary>
internal sealed record Links(string Site)
{
    public string Api => $"{Site}/api/v3";

    public string User(string login) => $"{Api}/users/{login}";

    public string Organization(string login) => $"{Api}/orgs/{login}";

    public string Repository(Repository repository) => $"{Api}/repos/{repository.FullName}";

    public string RepositoryPage(Repository repository) => $"{Site}/{repository.FullName}";

    public string Run(Repository repository, long runId) => $"{Repository(repository)}/actions/runs/{runId}";

    public string RunPage(Repository repository, long runId) => $"{RepositoryPage(repository)}/actions/runs/{runId}";
}
