using System.Collections.Immutable;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Explaining;

/// <summary>How long each part of the way to a runner took in the last hour.</summary>
/// <param name="Columns">Equal parts of the hour, the oldest first.</param>
/// <param name="Means">How long each phase took in the whole hour, in seconds; only those that occurred.</param>
internal sealed record PhasePicture(
    ImmutableArray<PhaseColumn> Columns, ImmutableDictionary<RunnerPhase, PhaseMean> Means)
{
    /// <summary>The part of the hour that a column stands for.</summary>
    public static readonly TimeSpan Width = TimeSpan.FromMinutes(2);

    private const int Count = 30;

    /// <summary>The parts that a job may have to wait for, in their order.</summary>
    public static ImmutableArray<RunnerPhase> Waits { get; } =
        [.. Enum.GetValues<RunnerPhase>().Where(p => p != RunnerPhase.Job)];

    /// <param name="figures">What was measured.</param>
    /// <param name="now">The end of the hour.</param>
    public static PhasePicture Of(IEnumerable<PhaseFigure> figures, DateTimeOffset now)
    {
        var last = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % Width.Ticks), TimeSpan.Zero);
        var first = last - ((Count - 1) * Width);
        var within = figures.Where(f => f.Phase != RunnerPhase.Job && f.Minute >= first).ToArray();
        var columns = within.ToLookup(f => (int)((f.Minute - first) / Width));
        return new(
            [.. Enumerable.Range(0, Count).Select(i => new PhaseColumn(first + (i * Width), MeansOf(columns[i])))],
            MeansOf(within));
    }

    private static ImmutableDictionary<RunnerPhase, PhaseMean> MeansOf(IEnumerable<PhaseFigure> figures) =>
        figures.GroupBy(f => f.Phase).ToImmutableDictionary(
            g => g.Key,
            g => MeanOf(g.Sum(f => f.Total.TotalSeconds), g.Sum(f => f.Count)));

    private static PhaseMean MeanOf(double seconds, int count) => new(seconds / Math.Max(1, count), count);
}

/// <summary>A part of the hour.</summary>
/// <param name="From">When it begins.</param>
/// <param name="Means">How long each phase took; only those that occurred.</param>
internal sealed record PhaseColumn(DateTimeOffset From, ImmutableDictionary<RunnerPhase, PhaseMean> Means)
{
    public double Seconds => Means.Values.Sum(m => m.Seconds);
}

/// <summary>How long something took.</summary>
/// <param name="Seconds">On average.</param>
/// <param name="Count">How often.</param>
internal readonly record struct PhaseMean(double Seconds, int Count);
