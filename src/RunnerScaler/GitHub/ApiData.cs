namespace RunnerScaler.GitHub;

/// <summary>A page of a list that says how many there are in all.</summary>
internal interface IPage<TItem>
{
    double TotalCount { get; }

    /// <summary>Null if the body lacks the list: then it is no answer.</summary>
    List<TItem>? Items { get; }
}

/// <summary><see href="https://docs.github.com/rest/actions/workflow-runs#list-workflow-runs-for-a-repository">Runs</see>.</summary>
internal sealed record RunPage(double TotalCount, List<RunData>? WorkflowRuns) : IPage<RunData>
{
    List<RunData>? IPage<RunData>.Items => WorkflowRuns;
}

/// <summary>The pull request of a fork has another head repository; null if the fork is deleted.</summary>
internal sealed record RunData(long Id, string? Status, int? RunAttempt, DateTimeOffset? UpdatedAt)
{
    public string? Event { get; init; }

    public RepositoryId? Repository { get; init; }

    public RepositoryId? HeadRepository { get; init; }
}

internal sealed record RepositoryId(long Id);

/// <summary><see href="https://docs.github.com/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run">Jobs of a run</see>.</summary>
internal sealed record JobPage(double TotalCount, List<JobData>? Jobs) : IPage<JobData>
{
    List<JobData>? IPage<JobData>.Items => Jobs;
}

internal sealed record JobData(
    long Id,
    long RunId,
    int? RunAttempt,
    string? Status,
    string? Conclusion,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt,
    string? Name,
    List<string>? Labels,
    string? RunnerName);

/// <summary><see href="https://docs.github.com/rest/apps/installations">Repositories of an installation</see>.</summary>
internal sealed record RepositoryPage(double TotalCount, List<RepositoryData>? Repositories) : IPage<RepositoryData>
{
    List<RepositoryData>? IPage<RepositoryData>.Items => Repositories;
}

internal sealed record RepositoryData(
    string Name, OwnerData? Owner, bool Archived, bool Disabled, DateTimeOffset? PushedAt)
{
    /// <summary>Null if GitHub does not say.</summary>
    public bool? Private { get; init; }
}

internal sealed record OwnerData(string Login);

/// <summary><see href="https://docs.github.com/rest/actions/self-hosted-runners">Self-hosted runners</see>.</summary>
internal sealed record RunnerPage(double TotalCount, List<RunnerData>? Runners) : IPage<RunnerData>
{
    List<RunnerData>? IPage<RunnerData>.Items => Runners;
}

internal sealed record RunnerData(long Id, string Name, string? Status, bool Busy);

/// <summary><see href="https://docs.github.com/rest/actions/self-hosted-runner-groups">Runner groups</see>.</summary>
internal sealed record GroupPage(double TotalCount, List<GroupData>? RunnerGroups) : IPage<GroupData>
{
    List<GroupData>? IPage<GroupData>.Items => RunnerGroups;
}

internal sealed record GroupData(long Id, string Name, bool Default)
{
    /// <summary><c>all</c>, <c>selected</c> or <c>private</c>.</summary>
    public string? Visibility { get; init; }

    /// <summary>Null if GitHub does not say.</summary>
    public bool? AllowsPublicRepositories { get; init; }

    public bool? RestrictedToWorkflows { get; init; }

    public List<string>? SelectedWorkflows { get; init; }
}

/// <summary>A repository or an organisation: that it is there.</summary>
internal sealed record PlaceData(long Id);

internal sealed record InstallationData(long Id, DateTimeOffset? SuspendedAt);

/// <summary>Asks for an
/// <see href="https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app">installation token</see>
/// with no more permissions than needed.</summary>
internal sealed record TokenRequest(Dictionary<string, string> Permissions);

internal sealed record TokenData(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"TokenData {{ ExpiresAt = {ExpiresAt:O} }}";
}

internal sealed record JitBody(string Name, long RunnerGroupId, IReadOnlyList<string> Labels, string WorkFolder);

internal sealed record JitData(RunnerData? Runner, string? EncodedJitConfig)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"JitData {{ Runner = {Runner?.Id} }}";
}
