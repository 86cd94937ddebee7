using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Explaining;

/// <summary>How long a part of runners' lives took in one minute.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Phase">The part.</param>
/// <param name="Minute">When the minute began in which it ended.</param>
/// <param name="Count">How often it ended in that minute.</param>
/// <param name="Total">How long that took, all together.</param>
internal sealed record PhaseFigure(PoolKey Pool, RunnerPhase Phase, DateTimeOffset Minute, int Count, TimeSpan Total);
