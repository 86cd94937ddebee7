namespace RunnerScaler.Sandbox.GitHub.Credentials;

/// <summary>How a caller proved who it is.</summary>
internal enum CallerKind
{
    Anonymous,
    App,
    Installation,
    PersonalToken,
}

/// <summary>Who calls, and what this caller may see and do.</summary>
/// <param name="Key">Whose rate limit the calls use up: an installation, a user, an app. No secret.</param>
internal sealed record Caller(CallerKind Kind, string Key)
{
    public static readonly Caller Anonymous = new(CallerKind.Anonymous, "anonymous");

    public GitHubApp? App { get; init; }

    public Installation? Installation { get; init; }

    /// <summary>When its installation token was made; null for other credentials.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The user of a personal access token.</summary>
    public Account? User { get; init; }

    /// <summary>Scopes of a classic personal access token: <c>repo</c>, <c>admin:org</c>, …</summary>
    public IReadOnlySet<string> Scopes { get; init; } = new HashSet<string>();

    /// <summary>Ids of the accounts whose private repositories a personal access token's user is a member of.</summary>
    public IReadOnlySet<long> Memberships { get; init; } = new HashSet<long>();

    /// <summary>Whether the repository exists for this caller; else it gets 404.</summary>
    public bool Sees(Repository repository) => !repository.Private || Reaches(repository);

    /// <summary>Whether the caller may act in the repository with this permission of GitHub Apps.</summary>
    public bool May(Repository repository, string permission, string level)
    {
        if (!repository.Private && level == Permission.Read && permission == Permission.Actions) return true;
        return Reaches(repository)
            && (Kind == CallerKind.PersonalToken || Installation!.Permissions.Includes(permission, level));
    }

    /// <summary>Whether the caller may act in the organisation with this permission of GitHub Apps.</summary>
    public bool May(Account account, string permission, string level) => Kind switch
    {
        CallerKind.Installation =>
            Installation!.Account.Id == account.Id && Installation.Permissions.Includes(permission, level),
        CallerKind.PersonalToken => Memberships.Contains(account.Id) && Scopes.Contains("admin:org"),
        _ => false,
    };

    /// <summary>Whether it may see more of the repository than the public does.</summary>
    public bool Reaches(Repository repository) => Kind switch
    {
        CallerKind.Installation => Installation!.Covers(repository),
        CallerKind.PersonalToken => Memberships.Contains(repository.Owner.Id) && Scopes.Contains("repo"),
        _ => false,
    };
}
