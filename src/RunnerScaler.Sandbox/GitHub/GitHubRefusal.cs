namespace RunnerScaler.Sandbox.GitHub;

/// <summary>GitHub says no: the status code and message that its REST interface would answer with.</summary>
internal sealed class GitHubRefusal(int statusCode, string message) : Exception(message)
{
    public int StatusCode { get; } = statusCode;

    public static GitHubRefusal NotFound() => new(404, "Not Found");
}
