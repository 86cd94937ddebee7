using System.Collections.Immutable;
using System.Text.Json;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>A token that registers runners: good for an hour.</summary>
internal sealed record RegistrationToken(string Token) : IFromJson<RegistrationToken>
{
    public static RegistrationToken? Read(JsonElement json) =>
        ActionsToken.Read(json, "token") is { } token ? new(token) : null;

    /// <summary>Without the secret.</summary>
    public override string ToString() => nameof(RegistrationToken);
}

/// <summary>Where the Actions service is, and the token for it.</summary>
internal sealed record ConnectionData(string Url, string Token) : IFromJson<ConnectionData>
{
    public static ConnectionData? Read(JsonElement json) =>
        json.Text("url") is { } url && ActionsToken.Read(json, "token") is { } token ? new(url, token) : null;

    /// <summary>Without the secret.</summary>
    public override string ToString() => nameof(ConnectionData);
}

internal sealed record ScaleSetData(long Id, LabelSet Labels) : IFromJson<ScaleSetData>
{
    public static ScaleSetData? Read(JsonElement json) => json.Id("id") is not (> 0 and { } id) ? null : new(
        id,
        LabelSet.Of(ActionsList.Of(json, "labels").Select(l => l.Text("name")).OfType<string>()));
}

internal sealed record ActionsGroup(long Id, bool IsDefault) : IFromJson<ActionsGroup>
{
    public static ActionsGroup? Read(JsonElement json) =>
        json.Id("id") is { } id ? new(id, json.Flag("isDefaultGroup") == true) : null;
}

/// <summary>Entries of a list; what is none is left out.</summary>
internal sealed record ActionsList<T>(ImmutableArray<T> Value) : IFromJson<ActionsList<T>>
    where T : class, IFromJson<T>
{
    public static ActionsList<T>? Read(JsonElement json) => json.Member("value") is { ValueKind: JsonValueKind.Array }
        ? new([.. ActionsList.Of(json, "value").Select(T.Read).OfType<T>()])
        : null;
}

/// <summary>A session of a scale set's message queue.</summary>
internal sealed record SessionData(string Id, string QueueUrl, string QueueToken, ScaleSetStatistics? Statistics)
    : IFromJson<SessionData>
{
    public static SessionData? Read(JsonElement json) =>
        json.Text("sessionId") is { Length: > 0 and <= 100 } id && Scope.IsName(id)
        && json.Text("messageQueueUrl") is { } url && ActionsToken.Read(json, "messageQueueAccessToken") is { } token
            ? new(id, url, token, StatisticsData.Read(json.Member("statistics")))
            : null;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{nameof(SessionData)} {{ Id = {Id} }}";
}

/// <summary>A runner as the Actions service knows it.</summary>
internal sealed record AgentData(long Id, string Name) : IFromJson<AgentData>
{
    public static AgentData? Read(JsonElement json) =>
        json.Id("id") is { } id ? new(id, json.Text("name") ?? "") : null;
}

/// <summary>A registration, with what the runner needs to be it.</summary>
internal sealed record ActionsJit(long RunnerId, string Config) : IFromJson<ActionsJit>
{
    public static ActionsJit? Read(JsonElement json) =>
        json.Member("runner")?.Id("id") is { } id && json.Text("encodedJITConfig") is { Length: > 0 } config
            ? new(id, config)
            : null;

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{nameof(ActionsJit)} {{ RunnerId = {RunnerId} }}";
}

/// <summary>Which of the jobs that were asked for are acquired.</summary>
internal sealed record AcquiredData : IFromJson<AcquiredData>
{
    public static AcquiredData? Read(JsonElement json) => json.ValueKind == JsonValueKind.Object ? new() : null;
}

/// <summary>Texts that can be sent as a token.</summary>
internal static class ActionsToken
{
    private const int Longest = 16 * 1024;

    public static string? Read(JsonElement json, string name) =>
        json.Text(name) is { Length: > 0 and <= Longest } token && token.All(c => c is > ' ' and <= '~') ? token : null;
}

internal static class ActionsList
{
    private const int Most = 1000;

    public static IEnumerable<JsonElement> Of(JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Take(Most) : [];
}

internal static class StatisticsData
{
    public static ScaleSetStatistics? Read(JsonElement? json) =>
        json is { ValueKind: JsonValueKind.Object } all && Count(all, "totalAssignedJobs") is { } assigned
            ? new(Count(all, "totalAvailableJobs") ?? 0, assigned, Count(all, "totalRunningJobs") ?? 0)
            : null;

    private static int? Count(JsonElement json, string name) =>
        json.Id(name) is { } count ? (int)Math.Clamp(count, 0, int.MaxValue) : null;
}
