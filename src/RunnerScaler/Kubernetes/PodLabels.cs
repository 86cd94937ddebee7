namespace RunnerScaler.Kubernetes;

/// <summary>The labels and annotations by which our pods are known.</summary>
internal static class PodLabels
{
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string ManagedByValue = "runnerscaler";
    public const string Pool = "runnerscaler.io/pool";
    public const string Slot = "runnerscaler.io/slot";

    /// <summary>Empty when the pod is created, later the <see cref="Scaling.Runners.ClaimAnnotation"/>.</summary>
    public const string Claim = "runnerscaler.io/claim";

    /// <summary>
    /// The uid of the pool that the pod was made for, written when the pod gets an identity and has no owner any more.
    /// </summary>
    public const string PoolUid = "runnerscaler.io/pool-uid";

    public const string Revision = "runnerscaler.io/revision";

    /// <summary>Tells the cluster autoscaler to leave the pod's node alone.</summary>
    public const string SafeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict";

    /// <summary>Tells Karpenter the same.</summary>
    public const string DoNotDisrupt = "karpenter.sh/do-not-disrupt";

    /// <summary>
    /// Written when a runner has a job and its pool is gone, or cannot be asked: for those who cannot ask GitHub.
    /// </summary>
    public const string HasJob = "runnerscaler.io/has-job";

    /// <summary>The container that runs the job.</summary>
    public const string RunnerContainer = "runner";

    /// <summary>All that we write begins so; users' templates may not.</summary>
    public const string Prefix = "runnerscaler.io/";

    public const string Selector = ManagedBy + "=" + ManagedByValue;
}
