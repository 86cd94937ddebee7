using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>What shapes pods besides their pools.</summary>
/// <param name="Defaults">What generated pods have.</param>
/// <param name="Claims">The claims endpoint as it is now.</param>
/// <param name="Cluster">What the cluster can do, as far as is known now.</param>
/// <param name="CacheOf">Whether what a cache names exists, as far as is known now.</param>
internal sealed record PodDependencies(
    PodDefaults Defaults,
    Func<ClaimEndpoint> Claims,
    Func<ClusterFacts> Cluster,
    Func<string, CacheSpec, PoolCondition?> CacheOf);
