using Octokit;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>The web token of an App, made anew for each request: there are few.</summary>
internal sealed class AppToken(GitHubCredential.App app, TimeProvider time) : ICredentialStore
{
    public Task<Credentials> GetCredentials() =>
        Task.FromResult(new Credentials(AppJwt.Create(app, time.GetUtcNow()), AuthenticationType.Bearer));
}
