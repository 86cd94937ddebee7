namespace RunnerScaler.Sandbox.GitHub;

/// <summary>A repository was asked for by a name that it had before: the caller is to ask for its id.</summary>
internal sealed class GitHubMove(Repository repository) : Exception("Moved Permanently")
{
    public Repository Repository => repository;
}

/// <summary>GitHub says no: the status code and message that its REST interface would answer with.</summary>
internal sealed class GitHubRefusal(int statusCode, string message) : Exception(message)
{
    public int StatusCode { get; } = statusCode;

    public static GitHubRefusal NotFound() => new(404, "Not Found");
}
