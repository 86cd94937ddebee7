using System.Text;
using System.Text.RegularExpressions;
using Prometheus;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Telemetry;

namespace RunnerScaler.Tests.Telemetry;

/// <summary>What a scraper would see.</summary>
internal sealed partial class Exposition
{
    public required IReadOnlyList<string> Lines { get; init; }

    public static async Task<Exposition> OfAsync(CollectorRegistry registry)
    {
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        var lines = Encoding.UTF8.GetString(text.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new() { Lines = lines };
    }

    /// <summary>The value of a series, written as <c>name{label="value",…}</c>; null if there is none.</summary>
    public double? this[string series] =>
        Lines.FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal)) is { } found
            ? double.Parse(found[(series.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture)
            : null;

    /// <summary>Name, type, help and labels of every metric that has a series.</summary>
    public IEnumerable<(string Name, string Type, string Help, string Labels)> Metrics() =>
        from line in Lines
        where line.StartsWith("# HELP ", StringComparison.Ordinal)
        let parts = line.Split(' ', 4)
        let type = Lines.Single(l => l.StartsWith($"# TYPE {parts[2]} ", StringComparison.Ordinal)).Split(' ')[3]
        select (parts[2], type, parts[3], LabelsOf(parts[2], type));

    private string LabelsOf(string name, string type)
    {
        var start = type == "histogram" ? $"{name}_sum" : name;
        var series = Lines.First(line => line.StartsWith(start, StringComparison.Ordinal));
        return string.Join(", ", LabelName().Matches(series).Select(match => match.Groups[1].Value));
    }

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex LabelName();
}

/// <summary>Ways to have something to show.</summary>
internal static class Occurrences
{
    public static readonly PoolKey Linux = new("ci", "linux");
    public static readonly AccountKey Account = new("ci", "github-app", "https://github.com");

    public static readonly DateTimeOffset Reset = DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000);

    public static readonly PoolReport Report = new()
    {
        Generation = 1,
        Conditions = [new("Ready", true, "AsExpected", "Ready."), new("QueueRead", null, "NotYet", "Not read yet.")],
        Runners = new(Starting: 1, Standby: 2, Registered: 3, Busy: 4, Finishing: 5),
        MaxRunners = 20,
        OldestWait = TimeSpan.FromSeconds(31),
        Jobs = new(Queued: 7, Running: 4, Unserved: 2),
        Unserved = System.Collections.Immutable.ImmutableDictionary<WaitReason, int>.Empty.Add(WaitReason.PoolFull, 2),
    };

    /// <summary>One of each.</summary>
    public static void Each(ScalerMetrics metrics, PoolKey pool, AccountKey account)
    {
        metrics.PoolObserved(pool, Report);
        metrics.JobWaited(pool, TimeSpan.FromSeconds(12), standby: true);
        metrics.PhaseTook(pool, RunnerPhase.Claim, TimeSpan.FromSeconds(3));
        metrics.RunnerExited(pool, OutcomeKind.RanJob);
        metrics.Built(
            pool,
            new Build(BuildCommand.Build, BuildResult.Success, TimeSpan.FromSeconds(8), Steps: 9, CachedSteps: 4));
        metrics.Reconciled(pool, TimeSpan.FromMilliseconds(2), failed: true);
        metrics.ClaimAnswered("granted");
        metrics.GitHubRequest("/repos/{owner}/{repo}/actions/runs", 304, cached: true, TimeSpan.FromMilliseconds(80));
        metrics.BoardAge(account, TimeSpan.FromSeconds(9));
        metrics.GitHubBudget(account, "core", 4000, 5000, Reset);
        metrics.Swept("pod");
        metrics.Ignored("annotation");
        metrics.WatchRestarted("pods", "expired");
        metrics.JobInterrupted(pool);
        metrics.ApiRefused("patch", "pods", RefusalReason.Forbidden);
        metrics.Leading(true);
    }
}
