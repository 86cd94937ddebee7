namespace RunnerScaler.Sandbox.GitHub;

/// <summary>What an account is. Only organisations have runners and runner groups of their own.</summary>
internal enum AccountKind
{
    Organization,
    User,
}

/// <summary>An owner of repositories. Logins compare without case, as at GitHub.</summary>
internal sealed record Account(long Id, string Login, AccountKind Kind);
