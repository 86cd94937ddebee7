using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Runners;

/// <summary>
/// What the annotation on a pod says of the identity that the pod was given. Whoever may write pods may write it: it
/// describes, and nothing follows from it but what <see cref="GrantRule"/> finds to fit the pod and its pool.
/// </summary>
/// <param name="Text">The annotation as it stands, which a compare-and-swap compares with.</param>
/// <param name="Attempt">1 for the first identity of the pod; 0 if the text is no annotation.</param>
/// <param name="At">When the identity was given.</param>
/// <param name="Owner">Where it is registered: an organisation, or with <paramref name="Repository"/> a
/// repository.</param>
/// <param name="Repository">Null for an organisation.</param>
internal sealed record ClaimAnnotation(string Text, int Attempt, DateTimeOffset At, string Owner, string? Repository)
{
    /// <summary>The runner's name, if the annotation says one: it must be the pod's own.</summary>
    public string? RunnerName { get; init; }

    /// <summary>The account, which annotations of earlier versions say: it must be the pool's own.</summary>
    public AccountKey? Account { get; init; }
}

/// <summary>Why an annotation is no identity of its pod.</summary>
internal enum AnnotationMisfit
{
    /// <summary>It is an identity of the pod.</summary>
    None,

    /// <summary>The pod is of no pool, or of one that was never valid.</summary>
    NoPool,

    /// <summary>The pod has had an identity, and what told of it is gone.</summary>
    Missing,

    /// <summary>The text is no annotation.</summary>
    Unreadable,

    /// <summary>It names a runner that is not the pod's own.</summary>
    OtherRunner,

    /// <summary>It names a server or a Secret that is not the pool's own.</summary>
    OtherAccount,

    /// <summary>It names an organisation or a repository at which the pool registers no runners.</summary>
    OtherTarget,
}

/// <summary>
/// What an annotation is worth. Server, Secret and owner come from the pod's pool alone, the runner's name from the
/// pod: the annotation chooses among the places that the pool serves, and counts.
/// </summary>
internal static class GrantRule
{
    /// <summary>No pod is given so many identities; more would make names that GitHub refuses.</summary>
    public const int MostAttempts = 9999;

    /// <summary>The identity that the pod was given; null if it has no annotation, or one that does not fit.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="pool">Its pool; null if it has none.</param>
    public static Grant? Read(PodFacts pod, Pool? pool) =>
        pod.ClaimAnnotation is { } annotation && MisfitOf(pod, pool) == AnnotationMisfit.None
            ? new Grant(
                pool!.TargetNamed(annotation.Owner, annotation.Repository)!.Value, pod.RunnerName(annotation.Attempt),
                    annotation.Attempt,
                annotation.At)
            : null;

    /// <summary>Why the pod's annotation is not its identity; <see cref="AnnotationMisfit.None"/> also for one
    /// that has had none.</summary>
    public static AnnotationMisfit MisfitOf(PodFacts pod, Pool? pool)
    {
        if (pod.ClaimAnnotation is not { } annotation)
            return pod.Released ? AnnotationMisfit.Missing : AnnotationMisfit.None;
        if (pool is null || pool.Key != pod.Pool)
            return AnnotationMisfit.NoPool;
        if (annotation.Attempt is < 1 or > MostAttempts)
            return AnnotationMisfit.Unreadable;
        if (annotation.RunnerName is { } runner && runner != pod.RunnerName(annotation.Attempt))
            return AnnotationMisfit.OtherRunner;
        if (annotation.Account is { } account && account.Credential != pool.Account.Credential)
            return AnnotationMisfit.OtherAccount;
        return pool.TargetNamed(annotation.Owner, annotation.Repository) is null ? AnnotationMisfit.OtherTarget
            : AnnotationMisfit.None;
    }

    /// <summary>For a person: what is wrong with the pod's annotation, and what to do.</summary>
    public static string Sentence(PodFacts pod, AnnotationMisfit misfit)
    {
        var name = Slot.PodName(pod.Pool.Name, pod.Slot);
        if (pod.ClaimAnnotation is not { } annotation)
            return $"The annotation runnerscaler.io/claim of pod '{name}' is gone, though the pod was given an "
                + "identity: it may have a job, so it is left to end by itself. See who wrote it; delete the pod if it "
                + "does not.";
        var target = annotation.Repository is null ? annotation.Owner : $"{annotation.Owner}/{annotation.Repository}";
        var what = misfit switch
        {
            AnnotationMisfit.NoPool => "is on a pod without a valid pool",
            AnnotationMisfit.OtherRunner =>
                $"names the runner {annotation.RunnerName.Quote()}, which is not the pod's own",
            AnnotationMisfit.OtherAccount =>
                $"names the account {annotation.Account?.ToString().Quote()}, which is not its pool's",
            AnnotationMisfit.OtherTarget => $"names {target.Quote()}, where its pool registers no runners",
            _ => "cannot be read",
        };
        return $"What the annotation runnerscaler.io/claim of pod '{name}' says is "
            + $"ignored, because it {what}. See who wrote it; delete the pod if it should not end by itself.";
    }
}
