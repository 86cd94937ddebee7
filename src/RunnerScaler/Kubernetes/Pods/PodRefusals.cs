using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>Why a pod was not created, in a sentence that says what to do.</summary>
internal static class PodRefusals
{
    public static Fault NoPool(PoolKey pool) =>
        new(FaultReason.PodRefused, $"The pool {pool} is gone, or its spec has a fault: no pod is made for it.");

    public static Fault Foreign(PoolKey pool, string name) =>
        new(
            FaultReason.PodRefused,
            $"A pod '{name}' that is none of ours exists in namespace '{pool.Namespace}': remove it, or give the pool "
                + "another name.");

    /// <summary>Reads an answer that is neither a success nor AlreadyExists.</summary>
    public static CreateResult Read(ApiAnswer answer, PoolKey pool, string name, string kind = "pod")
    {
        // A conflict here is the quota's or an admission plugin's, who lost a race among themselves.
        if (answer.Unclear || answer.Code == 409)
            return new CreateResult.Unavailable(answer.Why, answer.RetryAfter);
        var what =
            $"The API server refuses the {kind} '{name}' in namespace '{pool.Namespace}': {answer.Why.TrimEnd('.')}.";
        return new CreateResult.Refused(new Fault(FaultReason.PodRefused, $"{what} {Advice(answer)}"));
    }

    private static string Advice(ApiAnswer answer)
    {
        var why = answer.Why;
        if (why.Contains("exceeded quota", StringComparison.OrdinalIgnoreCase))
            return "Raise the namespace's quota, or lower spec.limits.maxRunners.";
        if (why.Contains("being terminated", StringComparison.OrdinalIgnoreCase))
            return "Wait until the namespace is gone, and make it anew.";
        if (why.Contains("PodSecurity", StringComparison.OrdinalIgnoreCase))
            return "Correct spec.template, spec.builder.profile, or the namespace's Pod Security level: docs/builder.md"
                + " tells what each profile needs.";
        if (answer.Code == 403 && why.Contains("cannot create resource", StringComparison.OrdinalIgnoreCase))
            return "Give the controller's service account the role of the chart in this namespace.";
        return "Correct spec.template.";
    }
}
