using Octokit;

namespace RunnerScaler.GitHub.Access;

/// <summary>A personal access token: always the same one, until the Secret changes.</summary>
internal sealed class PersonalToken(GitHubCredential.Token token, CredentialTrust trust) : ITokenStore
{
    private readonly Task<Credentials> credentials =
        Task.FromResult(new Credentials(token.Value, AuthenticationType.Bearer));

    public Task<Credentials> GetCredentials() => credentials;

    public void Accepted() => trust.Accepted();

    public TimeSpan? Refused(ApiException refusal)
    {
        if (refusal is AuthorizationException)
            trust.Refused();
        return null;
    }
}
