using System.Text.Json;

namespace RunnerScaler.GitHub.Responses;

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

    public static RunData? Read(JsonElement json) => json.Id("id") is not { } id
        ? null
        : new(id, json.Text("status"), json.Integer("run_attempt"), json.Time("updated_at"))
        {
            Event = json.Text("event"),
            Repository = RepositoryId.Read(json.Member("repository")),
            HeadRepository = RepositoryId.Read(json.Member("head_repository")),
        };
}

internal sealed record RepositoryId(long Id)
{
    public static RepositoryId? Read(JsonElement? json) => json?.Id("id") is { } id ? new(id) : null;
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

    public string? WorkflowName { get; init; }

    public static JobData? Read(JsonElement json) => json.Id("id") is not { } id
        ? null
        : new(
            id,
            json.Id("run_id") ?? 0,
            json.Integer("run_attempt"),
            json.Text("status"),
            json.Text("conclusion"),
            json.Time("created_at"),
            json.Time("started_at"),
            json.Time("completed_at"),
            json.Text("name"),
            json.Texts("labels"),
            json.Text("runner_name"))
        {
            WorkflowName = json.Text("workflow_name"),
        };
}

/// <summary><see href="https://docs.github.com/rest/apps/installations">Repositories of an installation</see>, and others.</summary>
internal sealed record RepositoryData(
    string Name, OwnerData? Owner, bool Archived, bool Disabled, DateTimeOffset? PushedAt) : IListed<RepositoryData>
{
    public static string ListName => "repositories";

    public long? Id { get; init; }

    /// <summary>Null if GitHub does not say.</summary>
    public bool? Private { get; init; }

    public static RepositoryData? Read(JsonElement json) => json.Text("name") is not { Length: > 0 } name
        ? null
        : new(
            name,
            json.Member("owner")?.Text("login") is { Length: > 0 } login ? new OwnerData(login) : null,
            json.Flag("archived") == true,
            json.Flag("disabled") == true,
            json.Time("pushed_at"))
        {
            Id = json.Id("id"),
            Private = json.Flag("private"),
        };
}

internal sealed record OwnerData(string Login);

/// <summary><see href="https://docs.github.com/rest/actions/self-hosted-runners">Self-hosted runners</see>.</summary>
internal sealed record RunnerData(long Id, string Name, string? Status, bool Busy) : IListed<RunnerData>
{
    private const int LongestVersion = 32;

    public static string ListName => "runners";

    /// <summary>Digits and dots; null if GitHub does not say, or says something else.</summary>
    public string? Version { get; init; }

    public static RunnerData? Read(JsonElement json) => json.Id("id") is not { } id
        ? null
        : new(id, json.Text("name") ?? "", json.Text("status"), json.Flag("busy") == true)
        {
            Version = json.Text("version") is { Length: > 0 and <= LongestVersion } version
                && version.All(c => char.IsAsciiDigit(c) || c == '.') && char.IsAsciiDigit(version[0])
                    ? version
                    : null,
        };
}

/// <summary>
/// Until when GitHub takes
/// <see href="https://docs.github.com/enterprise-cloud@latest/rest/actions/self-hosted-runners#get-runner-version-end-of-life-schedule-for-an-organization">runners
/// of a version</see>: null where no end is set.
/// </summary>
internal sealed record VersionEndData(DateTimeOffset? Registration, DateTimeOffset? Jobs) : IFromJson<VersionEndData>
{
    public static VersionEndData? Read(JsonElement json) => json.Text("runner_version") is null
        ? null
        : new(json.Time("registration_deprecates_at"), json.Time("runtime_deprecates_at"));
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

    public static GroupData? Read(JsonElement json) => json.Id("id") is not { } id
        ? null
        : new(id, json.Text("name") ?? "", json.Flag("default") == true)
        {
            Visibility = json.Text("visibility"),
            AllowsPublicRepositories = json.Flag("allows_public_repositories"),
            RestrictedToWorkflows = json.Flag("restricted_to_workflows"),
            SelectedWorkflows = json.Texts("selected_workflows"),
        };
}

/// <summary>
/// <see href="https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook">What an App's webhook was
/// told</see>. The payload is not in the list, and with it the repository's name.
/// </summary>
internal sealed record DeliveryData(long Id, string? Event, string? Action, long? RepositoryId) : IListed<DeliveryData>
{
    public static string ListName => "deliveries";

    public static DeliveryData? Read(JsonElement json) => json.Id("id") is not { } id
        ? null
        : new(id, json.Text("event"), json.Text("action"), json.Id("repository_id"));
}

/// <summary>A repository or an organisation: that it is there.</summary>
internal sealed record PlaceData : IFromJson<PlaceData>
{
    public static PlaceData? Read(JsonElement json) => json.Id("id") is null ? null : new();
}

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

/// <summary>A registration, with what the runner needs to be it.</summary>
internal sealed record JitData(long RunnerId, string Config) : IFromJson<JitData>
{
    public static JitData? Read(JsonElement json) =>
        json.Member("runner")?.Id("id") is { } id && json.Text("encoded_jit_config") is { Length: > 0 } config
            ? new(id, config)
            : null;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"JitData {{ RunnerId = {RunnerId} }}";
}
