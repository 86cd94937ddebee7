using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Installing;

/// <summary>Whether the pools of a Helm release are ready.</summary>
/// <param name="api">The API server.</param>
/// <param name="namespaces">Where to look; empty for everywhere.</param>
/// <param name="time">The clock.</param>
internal sealed class PoolProbe(ApiServer api, IEnumerable<string> namespaces, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string?[] places = [.. namespaces.Distinct().Cast<string?>().DefaultIfEmpty(null)];

    /// <param name="release">Whose pools.</param>
    /// <param name="within">How long to wait until they are.</param>
    /// <param name="cancel">Ends it early.</param>
    public async Task<Outcome> WaitAsync(HelmRelease release, TimeSpan within, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var outcome = await ReadAsync(release, cancel);
            if (outcome.Done || time.GetElapsedTime(start) > within)
                return outcome;
            await Task.Delay(Pause, time, cancel);
        }
    }

    private async Task<Outcome> ReadAsync(HelmRelease release, CancellationToken cancel)
    {
        var found = new List<(bool Ready, string Says)>();
        foreach (var place in places)
        {
            var answer = await api.GetAsync(ResourcePaths.Pools(place), cancel);
            if (!answer.Ok)
                return new(false, $"The API server does not list runnerpools: {answer.Why}.");
            found.AddRange(answer.Root.Each("items").Where(p => release.Owns(p.Member("metadata"))).Select(Read));
        }
        return found.Count == 0
            ? new(true, $"The release {release.Name} in {release.Namespace} has no pools.")
            : new(found.TrueForAll(p => p.Ready), string.Join('\n', found.Select(p => p.Says)));
    }

    private static (bool Ready, string Says) Read(JsonElement pool)
    {
        var key = RunnerPoolReader.KeyOf(pool);
        foreach (var condition in pool.Member("status").Each("conditions"))
            if (condition.Text("type") == Conditions.Ready)
            {
                var ready = condition.Text("status") == "True";
                var says = $"{condition.Text("reason")}: {condition.Text("message")}".Shown(600);
                return (ready, $"{key} is {(ready ? "" : "not ")}ready: {says}");
            }
        return (false, $"{key} has no condition Ready: no controller has looked at it.");
    }
}
