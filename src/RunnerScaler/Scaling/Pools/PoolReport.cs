using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Pools;

/// <summary>What a pool's status, its conditions and its metrics show: a picture of one pass.</summary>
internal sealed record PoolReport
{
    /// <summary>The generation of the spec that this is about.</summary>
    public required long Generation { get; init; }

    public required ImmutableArray<PoolCondition> Conditions { get; init; }

    public RunnerCounts Runners { get; init; }

    public JobCounts Jobs { get; init; }

    /// <summary>The most runners that the pool may have; null if its spec breaks a rule.</summary>
    public int? MaxRunners { get; init; }

    /// <summary>How long the oldest of the jobs that the pool is to serve has waited; zero if none does.</summary>
    public TimeSpan OldestWait { get; init; }

    /// <summary>Queued jobs without a runner, by reason.</summary>
    public ImmutableDictionary<WaitReason, int> Unserved { get; init; } = ImmutableDictionary<WaitReason, int>.Empty;

    /// <summary>Whether the other report shows the same.</summary>
    public bool IsSameAs(PoolReport other) =>
        (Generation, Runners, Jobs, MaxRunners, OldestWait)
            == (other.Generation, other.Runners, other.Jobs, other.MaxRunners, other.OldestWait)
        && Unserved.Count == other.Unserved.Count
        && Unserved.All(u => other.Unserved.TryGetValue(u.Key, out var count) && count == u.Value)
        && Conditions.SequenceEqual(other.Conditions);

    /// <summary>The same report, with more conditions.</summary>
    public PoolReport With(ImmutableArray<PoolCondition> notices) =>
        notices.IsEmpty ? this : this with { Conditions = Conditions.AddRange(notices) };
}

/// <summary>Runners by state. A terminating pod counts as finishing.</summary>
internal readonly record struct RunnerCounts(int Starting, int Standby, int Registered, int Busy, int Finishing)
{
    public int All => Starting + Standby + Registered + Busy + Finishing;
}

/// <summary>
/// Jobs that this pool is to serve. <paramref name="Unserved"/> of the queued ones are not on their way to a runner.
/// </summary>
internal readonly record struct JobCounts(int Queued, int Running, int Unserved);

/// <summary>
/// A condition, as in
/// <see href="https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties">Kubernetes' API conventions</see>.
/// The time of its last transition is kept by whoever writes it.
/// </summary>
/// <param name="Type"><c>Ready</c>, <c>QueueRead</c>, <c>AtCapacity</c>, …</param>
/// <param name="Holds">True, False, or (null) Unknown.</param>
/// <param name="Reason">One word in CamelCase; never empty.</param>
/// <param name="Message">One sentence.</param>
internal sealed record PoolCondition(string Type, bool? Holds, string Reason, string Message);
