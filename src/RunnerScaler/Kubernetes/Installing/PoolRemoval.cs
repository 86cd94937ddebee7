using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Installing;

/// <summary>
/// Deletes the pools of a Helm release while its controller still runs, and waits until that has removed all their
/// runners that have no job. Ends in the time it is given, whatever does not answer.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="namespaces">Where to look; empty for everywhere.</param>
/// <param name="time">The clock.</param>
internal sealed class PoolRemoval(ApiServer api, IEnumerable<string> namespaces, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string?[] places = [.. namespaces.Distinct().Cast<string?>().DefaultIfEmpty(null)];
    private readonly Dictionary<string, PoolKey> removed = new(StringComparer.Ordinal);

    /// <param name="release">Whose pools.</param>
    /// <param name="within">How long it may take.</param>
    /// <param name="cancel">Ends it early.</param>
    public async Task<Outcome> RemoveAsync(HelmRelease release, TimeSpan within, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        var (state, quiet) = (RemovalState.Nothing, 0);
        try
        {
            // Quiet twice: what was being made at the first look is there at the second.
            while (true)
            {
                state = await ReadAsync(release, state, either.Token);
                quiet = state.IsQuiet ? quiet + 1 : 0;
                if (quiet == 2 || state.IsHopeless)
                    break;
                await Task.Delay(Pause, time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // What was seen last is told.
        }
        return new(quiet == 2, RemovalReport.Of(release, [.. removed.Values.Order()], state, within));
    }

    private async Task<RemovalState> ReadAsync(HelmRelease release, RemovalState last, CancellationToken cancel)
    {
        var selector = Uri.EscapeDataString(PodLabels.Selector);
        var (others, pods) = (new List<PoolKey>(), new List<PodFacts>());
        foreach (var place in places)
        {
            var found = await api.GetAsync(ResourcePaths.Pools(place), cancel);
            // Without the definition there are no pools.
            if (!found.Ok && found.Code != 404)
                return last.With("list runnerpools", found);
            foreach (var pool in found.Root.Each("items"))
                if (!release.Owns(pool.Member("metadata")))
                    others.Add(RunnerPoolReader.KeyOf(pool));
                else if (await DeleteAsync(pool, cancel) is { } failure)
                    return last.With($"delete the RunnerPool {RunnerPoolReader.KeyOf(pool)}", failure);
            var seen = await api.GetAsync($"{ResourcePaths.Pods(place)}?labelSelector={selector}", cancel);
            if (!seen.Ok)
                return last.With("list pods", seen);
            pods.AddRange(seen.Root.Each("items").Select(PodReader.Read).OfType<PodFacts>());
        }
        return new(others, [.. pods.Where(p => removed.ContainsKey(p.PoolUid))]);
    }

    /// <returns>Null if it is gone, or on its way.</returns>
    private async Task<ApiAnswer?> DeleteAsync(JsonElement pool, CancellationToken cancel)
    {
        var (key, uid) = (RunnerPoolReader.KeyOf(pool), pool.Member("metadata").Text("uid") ?? "");
        var answer = await api.SendAsync(HttpMethod.Delete, $"{ResourcePaths.Pools(key.Namespace)}/{key.Name}",
            new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = uid } }, cancel);
        if (!answer.Ok && answer.Code is not (404 or 409))
            return answer;
        removed[uid] = key;
        return null;
    }
}

/// <summary>A release of Helm's, which writes its name on all that it makes.</summary>
internal sealed record HelmRelease(string Namespace, string Name)
{
    public bool Owns(JsonElement? metadata)
    {
        var annotations = metadata.Member("annotations");
        return annotations.Text("meta.helm.sh/release-name") == Name
            && annotations.Text("meta.helm.sh/release-namespace") == Namespace;
    }
}
