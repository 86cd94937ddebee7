using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunnerScaler.Sandbox.Scenario;

/// <summary>What a scenario came to. Written as one JSON object by <c>--json</c>.</summary>
internal sealed record Summary
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required string Scenario { get; init; }

    public required int Seed { get; init; }

    /// <summary>Jobs that asked for a self-hosted runner.</summary>
    public required int Jobs { get; init; }

    /// <summary>Those that have ended: run to their end, or cancelled by their owner.</summary>
    public required int Completed { get; init; }

    /// <summary>Jobs that failed because their runner vanished.</summary>
    public required int LostContact { get; init; }

    public required Percentiles WaitSeconds { get; init; }

    public required int PeakRunners { get; init; }

    public required GitHubCalls Github { get; init; }

    /// <summary>Null if there were none.</summary>
    public WebhookCounts? Webhooks { get; init; }

    public required KubernetesCalls Kubernetes { get; init; }

    public required ControllerCost Controller { get; init; }

    public required Remains Left { get; init; }

    /// <summary>Real time from the first run to the last thing gone.</summary>
    public required double Seconds { get; init; }

    /// <summary>Why it failed, if it did.</summary>
    public string? Problem { get; init; }

    [JsonIgnore]
    public bool Succeeded =>
        Problem is null && Completed == Jobs && LostContact == 0 && Left is { Pods: 0, Registrations: 0 };

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>Deliveries of the webhook.</summary>
/// <param name="Sent">Those that were not lost.</param>
/// <param name="Taken">Those that the controller answered with success.</param>
internal sealed record WebhookCounts(int Sent, int Taken);

/// <summary>Waiting times, in seconds.</summary>
internal sealed record Percentiles(double P50, double P95, double Max)
{
    public static Percentiles Of(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(t => t.TotalSeconds).Order().ToArray();
        return sorted.Length == 0 ? new(0, 0, 0) : new(At(sorted, 0.5), At(sorted, 0.95), Math.Round(sorted[^1], 2));
    }

    // The nearest rank: a wait that did occur.
    private static double At(double[] sorted, double share) =>
        Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)], 2);
}

/// <param name="Requests">All requests.</param>
/// <param name="Counted">Those that used up the primary limit.</param>
/// <param name="NotModified">Those answered with 304, which do not.</param>
/// <param name="ByRoute">All requests, by method and route.</param>
internal sealed record GitHubCalls(
    int Requests, int Counted, int NotModified, IReadOnlyDictionary<string, int> ByRoute);

/// <param name="Requests">All requests of the controller.</param>
/// <param name="Runners">Pods that it created.</param>
/// <param name="PerRunner">Requests for each of them, everything included: leases, watches, status.</param>
/// <param name="ByKind">All requests, by verb and resource, those of the most frequent kinds first.</param>
internal sealed record KubernetesCalls(
    long Requests, long Runners, double PerRunner, IReadOnlyDictionary<string, long> ByKind);

/// <param name="CpuMillisecondsPerRunner">Processor time of the controller's process for each runner, start-up
/// included.</param>
/// <param name="PeakMemoryMiB">Its largest working set.</param>
internal sealed record ControllerCost(double CpuMillisecondsPerRunner, double PeakMemoryMiB);

/// <summary>What was left behind when all jobs had ended and the pool's reserve was given up.</summary>
internal sealed record Remains(int Pods, int Registrations);
