using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// Where GitHub refused to register a runner, why, and when to try again. A refusal ends when it is cleared, or when
/// its pause is over and nobody has needed a runner there for a while: what was wrong may have been fixed unseen.
/// </summary>
internal sealed class TargetProblems(TimeProvider time)
{
    /// <summary>Longer than every pause of our own.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Lock guard = new();
    private ImmutableDictionary<(PoolKey, RegistrationTarget), (Problem Problem, TimeSpan Pause)> problems =
        ImmutableDictionary<(PoolKey, RegistrationTarget), (Problem, TimeSpan)>.Empty;

    /// <param name="pool">The pool that was refused: another one may use another group.</param>
    /// <param name="target">Where.</param>
    /// <param name="problem">Why.</param>
    /// <param name="retryAfter">The pause that GitHub asks for; else it doubles from try to try.</param>
    public void Put(PoolKey pool, RegistrationTarget target, Problem problem, TimeSpan? retryAfter)
    {
        lock (guard)
        {
            var before = problems.TryGetValue((pool, target), out var known) && IsKnown(known.Problem)
                ? known.Pause
                : TimeSpan.Zero;
            var doubled = before == TimeSpan.Zero ? First : before * 2 < Longest ? before * 2 : Longest;
            var pause = retryAfter ?? doubled;
            problems = problems.SetItem((pool, target), (problem with { Until = time.GetUtcNow() + pause }, doubled));
        }
    }

    public void Clear(PoolKey pool, RegistrationTarget target)
    {
        lock (guard)
            problems = problems.Remove((pool, target));
    }

    public ImmutableDictionary<RegistrationTarget, Problem> Of(PoolKey pool)
    {
        var known = problems;
        return known.IsEmpty
            ? ImmutableDictionary<RegistrationTarget, Problem>.Empty
            : known.Where(f => f.Key.Item1 == pool && IsKnown(f.Value.Problem))
                .ToImmutableDictionary(f => f.Key.Item2, f => f.Value.Problem);
    }

    /// <summary>What was refused elsewhere ends with the targets there: they are the pool's no more.</summary>
    public void Keep(PoolKey pool, IReadOnlyCollection<RegistrationTarget> targets)
    {
        lock (guard)
            problems = problems.RemoveRange(problems.Keys.Where(k => k.Item1 == pool && !targets.Contains(k.Item2)));
    }

    /// <summary>The pool's spec has changed, or it is gone: what was refused before says nothing any more.</summary>
    public void Forget(PoolKey pool)
    {
        lock (guard)
            problems = problems.RemoveRange(problems.Keys.Where(k => k.Item1 == pool));
    }

    private bool IsKnown(Problem problem) => time.GetUtcNow() < problem.Until + Memory;
}
