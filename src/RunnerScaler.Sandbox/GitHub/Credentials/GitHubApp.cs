namespace RunnerScaler.Sandbox.GitHub.Credentials;

/// <summary>A GitHub App.</summary>
internal sealed record GitHubApp(long Id, string ClientId, string Slug, Account Owner, DateTimeOffset CreatedAt)
{
    /// <summary>The permissions it asks each account for.</summary>
    public IReadOnlyDictionary<string, string> Permissions { get; init; } = Permission.ForOrganizationRunners;
}

/// <summary>An app installed at an account, with what the account granted.</summary>
internal sealed record Installation(long Id, GitHubApp App, Account Account, DateTimeOffset CreatedAt)
{
    public IReadOnlyDictionary<string, string> Permissions { get; init; } = Permission.ForOrganizationRunners;

    /// <summary>Since when its owner, or the App's, has suspended it; null while it is in use.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>Ids of the selected repositories; null for all of the account's.</summary>
    public IReadOnlySet<long>? Repositories { get; init; }

    public bool Covers(Repository repository) =>
        repository.Owner.Id == Account.Id && Repositories?.Contains(repository.Id) != false;
}

/// <summary>A token of an installation and what it was narrowed to. The token itself is a secret.</summary>
internal sealed class InstallationToken(
    string token, Installation grant, DateTimeOffset expiresAt)
{
    public string Token { get; } = token;

    /// <summary>The installation with the permissions and repositories of this token only.</summary>
    public Installation Grant { get; } = grant;

    public DateTimeOffset ExpiresAt { get; } = expiresAt;
}

/// <summary>What to narrow a new installation token to. Null asks for all that was granted.</summary>
internal sealed record TokenRequest(
    IReadOnlyDictionary<string, string>? Permissions = null,
    IReadOnlyList<string>? Repositories = null,
    IReadOnlyList<long>? RepositoryIds = null);
