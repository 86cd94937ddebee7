using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>Whether the API server would take the very pods of the pools: a dry run of each.</summary>
internal sealed class PodCheck(ApiServer api, PoolStore pools) : ICheck
{
    private const string Check = "pod";

    /// <summary>Each is a request; who has more pools has them from one template.</summary>
    private const int MostPools = 50;

    public async Task<ImmutableArray<CheckAnswer>> RunAsync(ImmutableArray<string> servers, CancellationToken cancel)
    {
        var found = ImmutableArray.CreateBuilder<CheckAnswer>();
        foreach (var pool in pools.Pools.Where(p => p.Pool is not null).Take(MostPools))
            if (pools.ShapeOf(pool.Key) is { } shape)
                found.Add(Read(pool.Key, await TryAsync(pool.Key, shape, cancel)));
        return found.ToImmutable();
    }

    // Under a name that no slot has, because that of a slot may be taken.
    private Task<ApiAnswer> TryAsync(PoolKey pool, PodTemplate shape, CancellationToken cancel)
    {
        var pod = shape.ForSlot(0);
        pod["metadata"]!["name"] = string.Create(CultureInfo.InvariantCulture, $"{pool.Name}-dry-run");
        return api.TryCreateAsync(ResourcePaths.Pods(pool.Namespace), pod, cancel);
    }

    private static CheckAnswer Read(PoolKey pool, ApiAnswer answer)
    {
        var about = $"pool {pool}";
        return answer.Refusal switch
        {
            null when answer.Ok => CheckAnswer.Fine(Check, about, "The API server takes its pods."),

            // A pool that is at its limit may have used up a quota that is just as large.
            { Reason: RefusalReason.QuotaExceeded } => new(
                Check, CheckLevel.Warning, about, $"A further pod would be refused: {answer.Why.Shown(1000)}",
                "Raise the quota, or lower spec.limits.maxRunners, unless the pool is at its limit."),
            { IsDefinite: true } => new(
                Check, CheckLevel.Failure, about, $"Its pods would be refused: {answer.Why.Shown(1000)}",
                "Do what the sentence says: correct spec.template, the namespace's policies, or the controller's "
                + "rights."),
            _ => new(
                Check, CheckLevel.Warning, about, $"Whether its pods are taken is not known: {answer.Why.Shown(1000)}",
                "See the API server's own log, and the webhooks that it asks."),
        };
    }
}
