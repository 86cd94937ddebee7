using System.Text.Json.Serialization;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>Asks a GitHub server for the address of its Actions service.</summary>
internal sealed record ConnectionBody(
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("runner_event")] string RunnerEvent);

/// <summary>A scale set as it should be.</summary>
internal sealed record ScaleSetBody(
    string Name, long RunnerGroupId, IReadOnlyList<LabelBody> Labels,
    [property: JsonPropertyName("RunnerSetting")] RunnerSettingBody RunnerSetting);

internal sealed record LabelBody(string Type, string Name);

/// <param name="DisableUpdate">The image brings the runner; a runner that updates itself would lose its job.</param>
internal sealed record RunnerSettingBody(bool DisableUpdate);

internal sealed record SessionBody(string OwnerName);

internal sealed record JitRunnerBody(string Name, string WorkFolder);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConnectionBody))]
[JsonSerializable(typeof(ScaleSetBody))]
[JsonSerializable(typeof(SessionBody))]
[JsonSerializable(typeof(JitRunnerBody))]
[JsonSerializable(typeof(long[]))]
internal sealed partial class ActionsJson : JsonSerializerContext;
