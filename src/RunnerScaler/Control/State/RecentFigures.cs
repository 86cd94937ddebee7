using System.Collections.Immutable;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.State;

/// <summary>How long the parts of runners' lives took in the last hour, minute by minute, for people.</summary>
internal sealed class RecentFigures(TimeProvider time)
{
    /// <summary>How far back it goes.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock guard = new();
    private readonly Dictionary<(PoolKey Pool, RunnerPhase Phase, DateTimeOffset Minute), PhaseFigure> figures = [];
    private DateTimeOffset latest;

    /// <summary>All that are remembered, in no order.</summary>
    public ImmutableArray<PhaseFigure> All
    {
        get
        {
            lock (guard)
            {
                Forget(time.GetUtcNow());
                return [.. figures.Values];
            }
        }
    }

    /// <summary>A part of a runner's life has ended, and took this long.</summary>
    public void Took(PoolKey pool, RunnerPhase phase, TimeSpan took)
    {
        var now = time.GetUtcNow();
        var minute = new DateTimeOffset(now.Ticks - (now.Ticks % Minute.Ticks), TimeSpan.Zero);
        lock (guard)
        {
            if (minute > latest)
                Forget(latest = minute);
            var known = figures.GetValueOrDefault((pool, phase, minute))
                ?? new(pool, phase, minute, 0, TimeSpan.Zero);
            figures[(pool, phase, minute)] = known with { Count = known.Count + 1, Total = known.Total + took };
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var old in figures.Keys.Where(k => now - k.Minute > Memory).ToArray())
            figures.Remove(old);
    }
}
