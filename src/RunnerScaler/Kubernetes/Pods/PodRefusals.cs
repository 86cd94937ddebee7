using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>Why a pod was not created, in a sentence that says what to do.</summary>
internal static class PodRefusals
{
    public static Problem NoPool(PoolKey pool) =>
        new(ProblemReason.PodRefused, $"The pool {pool} is gone, or its spec has a problem: no pod is made for it.");

    public static Problem Foreign(PoolKey pool, string name) =>
        new(
            ProblemReason.PodRefused,
            $"A pod '{name}' that is none of ours exists in namespace '{pool.Namespace}': remove it, or give the pool "
                + "another name.");

    /// <summary>Reads an answer that is neither a success nor AlreadyExists.</summary>
    public static CreateResult Read(ApiAnswer answer, string kind = "pod")
    {
        if (answer.Refusal is not { } refusal)
            return new CreateResult.Unavailable(answer.Why, answer.RetryAfter);
        if (refusal.IsDefinite)
            return new CreateResult.Refused(new Problem(ProblemReason.PodRefused, refusal.Sentence));

        // Whatever became of a volume, its pod was not asked for yet.
        return refusal.IsCertain || kind != "pod"
            ? new CreateResult.NotNow(answer.Why, answer.RetryAfter)
            : new CreateResult.Unavailable(answer.Why, answer.RetryAfter);
    }
}
