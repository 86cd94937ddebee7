namespace RunnerScaler.Sandbox.GitHub;

/// <summary>Which repositories of the organisation may use a group.</summary>
internal enum GroupVisibility
{
    All,
    Selected,
    Private,
}

/// <summary>A runner group of an organisation. The default group has an id of its own: it must be looked up.</summary>
internal sealed record RunnerGroup(long Id, long AccountId, string Name)
{
    /// <summary>The only group id at repository level, where groups cannot be chosen.</summary>
    public const long RepositoryLevelId = 1;

    public const string DefaultName = "Default";

    public bool Default { get; init; }

    public GroupVisibility Visibility { get; init; } = GroupVisibility.All;

    public bool AllowsPublicRepositories { get; init; }

    /// <summary>Ids of the repositories that a group of <see cref="GroupVisibility.Selected"/> is open to.</summary>
    public IReadOnlySet<long> Selected { get; init; } = new HashSet<long>();

    /// <summary>Whether jobs of this repository may run on the group's runners.</summary>
    public bool IsVisibleTo(Repository repository) =>
        repository.Owner.Id == AccountId
        && (repository.Private || AllowsPublicRepositories)
        && Visibility switch
        {
            GroupVisibility.All => true,
            GroupVisibility.Private => repository.Private,
            _ => Selected.Contains(repository.Id),
        };
}
