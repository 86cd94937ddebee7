namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// What an account is. Only organisations and enterprises have runners and runner groups of their own; an enterprise
/// has organisations, but no repositories.
/// </summary>
internal enum AccountKind
{
    Organization,
    User,
    Enterprise,
}

/// <summary>An owner of repositories. Logins compare without case, as at GitHub.</summary>
internal sealed record Account(long Id, string Login, AccountKind Kind);
