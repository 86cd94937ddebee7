using System.Globalization;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// Sentences for people: what GitHub refused, and what to set. The permissions are those of
/// <see href="https://docs.github.com/rest/authentication/permissions-required-for-github-apps">GitHub's tables</see>.
/// </summary>
internal static class Problems
{
    public static Problem SecretMissing(AccountKey account) => new(
        ProblemReason.CredentialsInvalid,
        $"Secret {account.Namespace}/{account.Secret} does not exist: create it with the key 'token', or with "
        + "'app_id' and 'private_key'");

    public static Problem SecretUnread(AccountKey account, string why) => new(
        ProblemReason.Unreachable, $"Secret {account.Namespace}/{account.Secret} could not be read: {why}");

    public static Problem NoInstallation(AccountKey account, string owner, Failure? failure) =>
        OfApp(account, failure) ?? new(
            ProblemReason.ScopeNotFound,
            $"The GitHub App of Secret {account.Namespace}/{account.Secret} is not installed at '{owner}', or there is "
            + $"no '{owner}' at {account.Server}: install the App there, or correct the url");

    public static Problem OtherInstallation(AccountKey account, string owner, long meant, long found) => new(
        ProblemReason.CredentialsRefused,
        $"Secret {account.Namespace}/{account.Secret} has installation_id {meant}, but the App's installation at "
        + $"'{owner}' is {found}: correct the key, or remove it and the installation is looked up");

    public static Problem Suspended(AccountKey account, string owner) => new(
        ProblemReason.CredentialsRefused,
        $"The installation at '{owner}' of the GitHub App of Secret {account.Namespace}/{account.Secret} is suspended: "
        + "unsuspend it in the owner's settings");

    /// <param name="account">The account.</param>
    /// <param name="failure">The 401.</param>
    /// <param name="now">The time here, which the App's assertion was made with.</param>
    public static Problem AppRefused(AccountKey account, Failure failure, DateTimeOffset now)
    {
        var ahead = now - failure.Date ?? TimeSpan.Zero;
        if (ahead >= AppJwt.MostAhead || ahead <= -AppJwt.MostBehind)
            return new(
                ProblemReason.CredentialsRefused,
                $"GitHub does not accept the App of Secret {account.Namespace}/{account.Secret} ({failure.Detail}): "
                + string.Create(CultureInfo.InvariantCulture, $"the clock here is {ahead.Duration().TotalSeconds:0} s ")
                + $"{(ahead > TimeSpan.Zero ? "ahead of" : "behind")} GitHub's; set the clock of this node");
        return OfApp(account, failure) ?? new(
            ProblemReason.CredentialsRefused,
            $"GitHub does not accept the App of Secret {account.Namespace}/{account.Secret} ({failure.Detail}): app_id "
            + "and private_key must belong to one App, and the clock here must be right");
    }

    public static Problem AppLacks(AccountKey account, string owner, bool ofOrganization, Failure failure) =>
        OfApp(account, failure) ?? new(
            ProblemReason.PermissionMissing,
            $"The GitHub App of Secret {account.Namespace}/{account.Secret} lacks permissions at '{owner}' "
            + $"({failure.Detail}): give it {AppPermissions(ofOrganization)}, and accept the change at the "
            + "installation");

    public static Problem NotListed(RepositoryKey repository) => new(
        ProblemReason.ScopeNotFound,
        $"'{repository.Owner}' has no repository '{repository.Name}' that the credential can see and that is neither "
        + "archived nor disabled: correct 'serves', or give the credential access to it");

    public static Problem Unreachable(string what, string said) => new(
        ProblemReason.Unreachable, $"GitHub could not be asked for {what} ({said})");

    /// <summary>Any failed request for something at an owner.</summary>
    /// <param name="failure">How it failed.</param>
    /// <param name="account">Whose credential was used.</param>
    /// <param name="what">What was asked for, as in "the runs of acme/app".</param>
    /// <param name="ofOrganization">Whether the runners are an organisation's.</param>
    public static Problem Of(Failure failure, Account account, string what, bool ofOrganization)
    {
        var credential = account.Credential;
        var who = $"the {credential.Kind} of Secret {account.Key.Namespace}/{account.Key.Secret}";
        return failure.Kind switch
        {
            FailureKind.Problem => failure.Problem!,
            FailureKind.Unauthorized when account.Trust.NeedsLook => Unreachable(
                what, $"{failure.Detail}; the Secret is looked at again"),
            _ when failure.Remedy is { } remedy => new(
                remedy.Reason, $"GitHub refuses {what} to {who} ({failure.Detail}): {remedy.Advice}"),
            FailureKind.Unauthorized => new(
                ProblemReason.CredentialsRefused,
                $"GitHub does not accept {who} ({failure.Detail}): it may have expired or been revoked; put a valid "
                + "one into the Secret"),
            FailureKind.Forbidden => new(
                ProblemReason.PermissionMissing,
                $"GitHub refuses {what} to {who} ({failure.Detail}): give it {Permissions(credential, ofOrganization)}"
                + (failure.Needed is { } needed ? $"; this request needs {needed}" : "")),
            FailureKind.NotFound => new(
                ProblemReason.ScopeNotFound,
                $"GitHub knows nothing of {what}, or {who} may not see it: check the url, and that the credential "
                + $"has {Permissions(credential, ofOrganization)}"),
            FailureKind.Conflict or FailureKind.Invalid => new(
                ProblemReason.RegistrationRefused, $"GitHub refuses {what} ({failure.Detail})"),
            _ => Unreachable(what, failure.Detail),
        };
    }

    /// <summary>
    /// The same of what is only read: what was sent breaks no rule, so that GitHub calls it invalid may pass.
    /// </summary>
    public static Problem OfRead(Failure failure, Account account, string what, bool ofOrganization) =>
        failure is { Kind: FailureKind.Conflict or FailureKind.Invalid, Remedy: null }
            ? Unreachable(what, failure.Detail)
            : Of(failure, account, what, ofOrganization);

    private static Problem? OfApp(AccountKey account, Failure? failure) => failure?.Remedy is { } remedy
        ? new(
            remedy.Reason,
            $"GitHub refuses the App of Secret {account.Namespace}/{account.Secret} ({failure.Detail}): "
            + remedy.Advice)
        : null;

    private static string Permissions(GitHubCredential credential, bool ofOrganization) => credential switch
    {
        GitHubCredential.App => AppPermissions(ofOrganization),
        _ when ofOrganization =>
            "the scopes 'repo' and 'admin:org' (classic), or the organisation permission 'Self-hosted runners: read "
            + "and write' and the repository permission 'Actions: read' (fine-grained)",
        _ => "the scope 'repo' (classic), or the repository permissions 'Actions: read' and 'Administration: read and "
            + "write' (fine-grained)",
    };

    private static string AppPermissions(bool ofOrganization) => ofOrganization
        ? "the organisation permission 'Self-hosted runners: read and write' and the repository permission 'Actions: "
            + "read'"
        : "the repository permissions 'Actions: read' and 'Administration: read and write'";
}
