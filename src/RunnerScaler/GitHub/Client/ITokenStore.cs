using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Client;

/// <summary>Gives each request its token, and learns what GitHub thinks of it.</summary>
internal interface ITokenStore
{
    /// <summary>The token to send, or why there is none to be had.</summary>
    Task<GitHubAnswer<string>> TokenAsync();

    /// <summary>GitHub answered a request with the token: it knows it.</summary>
    void Accepted();

    /// <summary>GitHub refused a request, perhaps because of the token.</summary>
    /// <returns>How long to wait before asking again, with the same token or another; null if that makes no
    /// sense.</returns>
    TimeSpan? Refused(Failure refusal);
}
