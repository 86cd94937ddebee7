using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Runners;

/// <summary>
/// What the annotation on a pod says of the identity that the pod was given. Whoever may write pods may write it: it
/// describes, and nothing follows from it but what <see cref="MarkRule"/> finds to fit the pod and its pool.
/// </summary>
/// <param name="Text">The annotation as it stands, which a compare-and-swap compares with.</param>
/// <param name="Attempt">1 for the first identity of the pod; 0 if the text is no mark.</param>
/// <param name="At">When the identity was given.</param>
/// <param name="Owner">Where it is registered: an organisation, or with <paramref name="Repository"/> a
/// repository.</param>
/// <param name="Repository">Null for an organisation.</param>
internal sealed record Mark(string Text, int Attempt, DateTimeOffset At, string Owner, string? Repository)
{
    /// <summary>The runner's name, if the mark says one: it must be the pod's own.</summary>
    public string? RunnerName { get; init; }

    /// <summary>The account, which marks of earlier versions say: it must be the pool's own.</summary>
    public AccountKey? Account { get; init; }
}

/// <summary>Why a mark is no identity of its pod.</summary>
internal enum MarkMisfit
{
    /// <summary>It is an identity of the pod.</summary>
    None,

    /// <summary>The pod is of no pool, or of one that was never valid.</summary>
    NoPool,

    /// <summary>The text is no mark.</summary>
    Unreadable,

    /// <summary>It names a runner that is not the pod's own.</summary>
    OtherRunner,

    /// <summary>It names a server or a Secret that is not the pool's own.</summary>
    OtherAccount,

    /// <summary>It names an organisation or a repository at which the pool registers no runners.</summary>
    OtherTarget,
}

/// <summary>
/// What a mark is worth. Server, Secret and owner come from the pod's pool alone, the runner's name from the pod: the
/// mark chooses among the places that the pool serves, and counts.
/// </summary>
internal static class MarkRule
{
    /// <summary>No pod is given so many identities; more would make names that GitHub refuses.</summary>
    public const int MostAttempts = 9999;

    /// <summary>The identity that the pod was given; null if it has no mark, or one that does not fit.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="pool">Its pool; null if it has none.</param>
    public static Grant? Read(PodFacts pod, Pool? pool) =>
        pod.Mark is { } mark && MisfitOf(pod, pool) == MarkMisfit.None
            ? new Grant(
                pool!.TargetNamed(mark.Owner, mark.Repository)!.Value, pod.RunnerName(mark.Attempt), mark.Attempt,
                mark.At)
            : null;

    /// <summary>Why the pod's mark is not its identity; <see cref="MarkMisfit.None"/> also without a mark.</summary>
    public static MarkMisfit MisfitOf(PodFacts pod, Pool? pool)
    {
        if (pod.Mark is not { } mark)
            return MarkMisfit.None;
        if (pool is null || pool.Key != pod.Pool)
            return MarkMisfit.NoPool;
        if (mark.Attempt is < 1 or > MostAttempts)
            return MarkMisfit.Unreadable;
        if (mark.RunnerName is { } runner && runner != pod.RunnerName(mark.Attempt))
            return MarkMisfit.OtherRunner;
        if (mark.Account is { } account && account != pool.Account)
            return MarkMisfit.OtherAccount;
        return pool.TargetNamed(mark.Owner, mark.Repository) is null ? MarkMisfit.OtherTarget : MarkMisfit.None;
    }

    /// <summary>For a person: what is wrong with the pod's mark, and what to do.</summary>
    public static string Sentence(PodFacts pod, MarkMisfit misfit)
    {
        var mark = pod.Mark!;
        var target = mark.Repository is null ? mark.Owner : $"{mark.Owner}/{mark.Repository}";
        var what = misfit switch
        {
            MarkMisfit.NoPool => "is on a pod without a valid pool",
            MarkMisfit.OtherRunner => $"names the runner {mark.RunnerName.Quote()}, which is not the pod's own",
            MarkMisfit.OtherAccount => $"names the account {mark.Account?.ToString().Quote()}, which is not its pool's",
            MarkMisfit.OtherTarget => $"names {target.Quote()}, where its pool registers no runners",
            _ => "cannot be read",
        };
        return $"What the annotation runnerscaler.io/claim of pod '{Slot.PodName(pod.Pool.Name, pod.Slot)}' says is "
            + $"ignored, because it {what}. See who wrote it; delete the pod if it should not end by itself.";
    }
}
