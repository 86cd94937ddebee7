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

    /// <summary>Why the pod was made, one word: for people.</summary>
    public const string CreatedFor = "runnerscaler.io/created-for";

    public const string Revision = "runnerscaler.io/revision";

    /// <summary>Tells the cluster autoscaler to leave the pod's node alone.</summary>
    public const string SafeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict";

    /// <summary>Tells Karpenter the same.</summary>
    public const string DoNotDisrupt = "karpenter.sh/do-not-disrupt";

    /// <summary>
    /// Written when a runner has a job and its pool is gone, or cannot be asked: for those who cannot ask GitHub.
    /// </summary>
    public const string HasJob = "runnerscaler.io/has-job";

    /// <summary>What runs in the pod, made to fit a label: written once it is known, for people to look by.</summary>
    public const string Repository = "runnerscaler.io/repository";

    /// <inheritdoc cref="Repository"/>
    public const string Run = "runnerscaler.io/run";

    /// <inheritdoc cref="Repository"/>
    public const string Job = "runnerscaler.io/job";

    /// <inheritdoc cref="Repository"/>
    public const string Workflow = "runnerscaler.io/workflow";

    /// <summary>The same, as annotations, in full.</summary>
    public const string JobName = "runnerscaler.io/job-name";

    /// <inheritdoc cref="JobName"/>
    public const string JobUrl = "runnerscaler.io/job-url";

    /// <summary>The container that runs the job.</summary>
    public const string RunnerContainer = "runner";

    /// <summary>All that we write begins so; users' templates may not.</summary>
    public const string Prefix = "runnerscaler.io/";

    public const string Selector = ManagedBy + "=" + ManagedByValue;
}
