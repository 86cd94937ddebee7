using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>A personal access token: always the same one, until the Secret changes.</summary>
internal sealed class PersonalToken(GitHubCredential.Token token, CredentialTrust trust) : ITokenStore
{
    private readonly Task<GitHubAnswer<string>> answer = Task.FromResult<GitHubAnswer<string>>(token.Value);

    public Task<GitHubAnswer<string>> TokenAsync() => answer;

    public void Accepted() => trust.Accepted();

    public TimeSpan? Refused(Failure refusal)
    {
        if (refusal.Kind == FailureKind.Unauthorized)
            trust.Refused();
        return null;
    }
}
