using Octokit;

namespace RunnerScaler.GitHub.Access;

/// <summary>Gives each request its token.</summary>
internal interface ITokenStore : ICredentialStore
{
    /// <summary>GitHub did not accept the token.</summary>
    /// <returns>Whether another one may be had at once, so that trying again makes sense.</returns>
    bool Reject();
}
