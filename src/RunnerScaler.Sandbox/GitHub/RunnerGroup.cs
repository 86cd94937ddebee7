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

    /// <summary>Whether it is an enterprise's: open to the repositories of its organisations.</summary>
    public bool OfEnterprise { get; init; }

    public GroupVisibility Visibility { get; init; } = GroupVisibility.All;

    public bool AllowsPublicRepositories { get; init; }

    /// <summary>Ids of the repositories that a group of <see cref="GroupVisibility.Selected"/> is open to.</summary>
    public IReadOnlySet<long> Selected { get; init; } = new HashSet<long>();

    /// <summary>
    /// The only workflows whose jobs may run on the group's runners, as <c>owner/name/.github/workflows/file@ref</c>;
    /// null for all.
    /// </summary>
    public IReadOnlyList<string>? Workflows { get; init; }

    /// <summary>Whether jobs of this run may run on the group's runners.</summary>
    public bool Serves(Repository repository, Run run) =>
        IsVisibleTo(repository)
        && Workflows?.Contains(
            $"{repository.FullName}/{run.WorkflowPath}@refs/heads/{run.Branch}",
            StringComparer.OrdinalIgnoreCase) != false;

    /// <summary>Whether jobs of this repository may run on the group's runners.</summary>
    public bool IsVisibleTo(Repository repository) =>
        (OfEnterprise || repository.Owner.Id == AccountId)
        && (repository.Private || AllowsPublicRepositories)
        && Visibility switch
        {
            GroupVisibility.All => true,
            GroupVisibility.Private => repository.Private,
            _ => Selected.Contains(repository.Id),
        };
}
