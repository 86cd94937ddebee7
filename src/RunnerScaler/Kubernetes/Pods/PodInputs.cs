using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>What a pool says of its pods.</summary>
/// <param name="Pool">Its name.</param>
/// <param name="PoolUid">Its uid: it owns its pods, and they go with it.</param>
/// <param name="Template"><c>spec.template</c>, checked by the pool's reader; null if there is none.</param>
/// <param name="Wishes">What it wants beyond the template.</param>
/// <param name="Profile">The sidecar's profile; null if there is no sidecar.</param>
internal sealed record PodInputs(
    PoolKey Pool, string PoolUid, JsonObject? Template, PodOptions Wishes, BuilderProfile? Profile);
