using Octokit;

namespace RunnerScaler.GitHub.Access;

/// <summary>The web token of an App, made anew for each request: there are few.</summary>
internal sealed class AppToken(GitHubCredential.App app, TimeProvider time) : ITokenStore
{
    public Task<Credentials> GetCredentials() =>
        Task.FromResult(new Credentials(AppJwt.Create(app, time.GetUtcNow()), AuthenticationType.Bearer));

    public void Accepted()
    {
        // Each request has a token of its own.
    }

    public TimeSpan? Refused(ApiException refusal) => null;
}
