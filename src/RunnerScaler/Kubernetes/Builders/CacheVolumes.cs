using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// Looks whether what pools name for their caches exists, and makes the volumes of slots. Answers are kept for some
/// minutes, so that a pod costs no look.
/// </summary>
internal sealed class CacheVolumes(ApiServer api, Heartbeats heartbeats, TimeProvider time)
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(3);

    private const string Loop = "builder caches";

    private readonly ConcurrentDictionary<(string Namespace, CacheSpec Cache), VolumeScan> looks = new();
    private readonly AsyncAutoResetEvent asked = new(time);

    /// <summary>Something is there now that was not, or the other way round.</summary>
    public event Action? Changed;

    /// <summary>
    /// What was found last. Null: nobody has looked yet; it will be done soon, and <see cref="Changed"/> tells.
    /// </summary>
    public PoolCondition? Known(string ns, CacheSpec cache)
    {
        var look = LookOf((ns, cache));
        if (look.Found is null)
            asked.Set();
        return look.Found;
    }

    /// <summary>Looks from time to time, and soon after a pool named something new, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            heartbeats.Beat(Loop, Period * 3);
            await asked.WaitAsync(Period, cancel);
            var isNews = false;
            using var outside = heartbeats.Outside(Loop, Period * 3);
            foreach (var (key, look) in looks)
                if (time.GetElapsedTime(look.AskedAt) > Period)
                    looks.TryRemove(key, out _);
                else
                    isNews |= look.Found != await RefreshAsync(key, look, cancel);
            if (isNews)
                Changed?.Invoke();
        }
    }

    /// <summary>Makes what a pod of this slot needs before it can be made.</summary>
    /// <returns>Why the pod must not be made; null if it may be.</returns>
    public async Task<CreateResult?> PrepareAsync(
        PoolKey pool, string poolUid, int slot, CacheSpec cache, CancellationToken cancel)
    {
        var look = LookOf((pool.Namespace, cache));
        var found = look.Found ?? await RefreshAsync((pool.Namespace, cache), look, cancel);
        if (found.Holds == false)
            return new CreateResult.Refused(new Problem(ProblemReason.BuilderUnavailable, found.Message));
        if (cache.Kind != CacheKind.Slot)
            return null;
        var answer = await api.SendAsync(
            HttpMethod.Post,
            ResourcePaths.VolumeClaims(pool.Namespace),
            CacheVolume.Claim(pool, poolUid, slot, cache),
            cancel);
        return answer.Ok || answer.Reason == "AlreadyExists"
            ? null
            : PodRefusals.Read(answer, "PersistentVolumeClaim");
    }

    private VolumeScan LookOf((string Namespace, CacheSpec Cache) key)
    {
        var look = looks.GetOrAdd(key, _ => new VolumeScan());
        look.AskedAt = time.GetTimestamp();
        return look;
    }

    private async Task<PoolCondition> RefreshAsync(
        (string Namespace, CacheSpec Cache) key, VolumeScan look, CancellationToken cancel) =>
        look.Found = await FindAsync(key.Namespace, key.Cache, cancel);

    private async Task<PoolCondition> FindAsync(string ns, CacheSpec cache, CancellationToken cancel)
    {
        (string Field, string What, string Path)[] named =
        [
            .. cache.StorageClass is { } storage
                ? [("storageClass", $"storage class '{storage}'", ResourcePaths.StorageClass(storage))]
                : Array.Empty<(string, string, string)>(),
            .. cache.Snapshot is { } snapshot
                ? [("snapshot", $"VolumeSnapshot '{snapshot}' in namespace '{ns}'",
                    ResourcePaths.VolumeSnapshot(ns, snapshot))]
                : Array.Empty<(string, string, string)>(),
        ];
        foreach (var (field, what, path) in named)
        {
            var answer = await api.GetAsync(path, cancel);
            if (answer.Code == 404)
                return Condition(
                    false, "NotFound", $"There is no {what}: create it, or correct spec.builder.cache.{field}.");
            if (!answer.Ok)
                return Condition(
                    null, "NotRead", $"Whether there is a {what} could not be read: {answer.Why.TrimEnd('.')}.");
        }
        return Condition(true, "Found", "What spec.builder.cache names exists.");
    }

    private static PoolCondition Condition(bool? holds, string reason, string message) =>
        new(Conditions.CacheFound, holds, reason, message);

    private sealed class VolumeScan
    {
        /// <summary>Null before the first look.</summary>
        public volatile PoolCondition? Found;

        /// <summary>What no pool asks for any more is forgotten.</summary>
        public long AskedAt;
    }
}
