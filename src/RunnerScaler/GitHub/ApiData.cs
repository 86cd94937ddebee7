using System.Text.Json;

namespace RunnerScaler.GitHub;

/// <summary>
/// <see href="https://docs.github.com/rest/actions/workflow-runs#list-workflow-runs-for-a-repository">Runs</see>. The pull
/// request of a fork has another head repository; null if the fork is deleted.
/// </summary>
internal sealed record RunData(long Id, string? Status, int? RunAttempt, DateTimeOffset? UpdatedAt) : IListed<RunData>
{
    public static string ListName => "workflow_runs";

    public string? Event { get; init; }

    public RepositoryId? Repository { get; init; }

    public RepositoryId? HeadRepository { get; init; }

    public static RunData? Read(JsonElement entry) => entry.Id("id") is not { } id
        ? null
        : new(id, entry.Text("status"), entry.Integer("run_attempt"), entry.Time("updated_at"))
        {
            Event = entry.Text("event"),
            Repository = RepositoryId.Read(entry.Member("repository")),
            HeadRepository = RepositoryId.Read(entry.Member("head_repository")),
        };
}

internal sealed record RepositoryId(long Id)
{
    public static RepositoryId? Read(JsonElement? entry) => entry?.Id("id") is { } id ? new(id) : null;
}

/// <summary><see href="https://docs.github.com/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run">Jobs of a run</see>.</summary>
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
    string? RunnerName) : IListed<JobData>
{
    public static string ListName => "jobs";

    public static JobData? Read(JsonElement entry) => entry.Id("id") is not { } id
        ? null
        : new(
            id,
            entry.Id("run_id") ?? 0,
            entry.Integer("run_attempt"),
            entry.Text("status"),
            entry.Text("conclusion"),
            entry.Time("created_at"),
            entry.Time("started_at"),
            entry.Time("completed_at"),
            entry.Text("name"),
            entry.Texts("labels"),
            entry.Text("runner_name"));
}

/// <summary><see href="https://docs.github.com/rest/apps/installations">Repositories of an installation</see>, and others.</summary>
internal sealed record RepositoryData(
    string Name, OwnerData? Owner, bool Archived, bool Disabled, DateTimeOffset? PushedAt) : IListed<RepositoryData>
{
    public static string ListName => "repositories";

    /// <summary>Null if GitHub does not say.</summary>
    public bool? Private { get; init; }

    public static RepositoryData? Read(JsonElement entry) => entry.Text("name") is not { Length: > 0 } name
        ? null
        : new(
            name,
            entry.Member("owner")?.Text("login") is { Length: > 0 } login ? new OwnerData(login) : null,
            entry.Flag("archived") == true,
            entry.Flag("disabled") == true,
            entry.Time("pushed_at"))
        {
            Private = entry.Flag("private"),
        };
}

internal sealed record OwnerData(string Login);

/// <summary><see href="https://docs.github.com/rest/actions/self-hosted-runners">Self-hosted runners</see>.</summary>
internal sealed record RunnerData(long Id, string Name, string? Status, bool Busy) : IListed<RunnerData>
{
    public static string ListName => "runners";

    public static RunnerData? Read(JsonElement entry) => entry.Id("id") is not { } id
        ? null
        : new(id, entry.Text("name") ?? "", entry.Text("status"), entry.Flag("busy") == true);
}

/// <summary><see href="https://docs.github.com/rest/actions/self-hosted-runner-groups">Runner groups</see>.</summary>
internal sealed record GroupData(long Id, string Name, bool Default) : IListed<GroupData>
{
    public static string ListName => "runner_groups";

    /// <summary><c>all</c>, <c>selected</c> or <c>private</c>.</summary>
    public string? Visibility { get; init; }

    /// <summary>Null if GitHub does not say.</summary>
    public bool? AllowsPublicRepositories { get; init; }

    public bool? RestrictedToWorkflows { get; init; }

    public List<string>? SelectedWorkflows { get; init; }

    public static GroupData? Read(JsonElement entry) => entry.Id("id") is not { } id
        ? null
        : new(id, entry.Text("name") ?? "", entry.Flag("default") == true)
        {
            Visibility = entry.Text("visibility"),
            AllowsPublicRepositories = entry.Flag("allows_public_repositories"),
            RestrictedToWorkflows = entry.Flag("restricted_to_workflows"),
            SelectedWorkflows = entry.Texts("selected_workflows"),
        };
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
