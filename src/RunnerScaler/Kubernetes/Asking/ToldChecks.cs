using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Kubernetes.Asking;

/// <summary>Reads what a controller's checks have found, as it answers <c>/api/v1/checks</c>.</summary>
internal static class ToldChecks
{
    private const int Most = 10_000;
    private const int Longest = 2000;

    /// <returns>Null if the text is none of a controller's. What of it cannot be read is left out.</returns>
    public static ImmutableArray<CheckAnswer>? Read(string json)
    {
        try
        {
            JsonElement? root = JsonText.Parse(Encoding.UTF8.GetBytes(json)).RootElement;
            return root.Member("checks") is { ValueKind: JsonValueKind.Array }
                ? [.. root.Each("checks").Take(Most).Select(Read).OfType<CheckAnswer>()]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CheckAnswer? Read(JsonElement check) =>
        check.Text("check") is { } name && check.Text("sentence") is { } sentence
        && Enum.TryParse<CheckLevel>(check.Text("level"), out var level)
            ? new(name.Shown(Longest), level, check.Text("about")?.Shown(Longest), sentence.Shown(Longest),
                check.Text("remedy")?.Shown(Longest))
            : null;
}
