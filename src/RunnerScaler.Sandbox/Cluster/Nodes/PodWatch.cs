using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>Lists and watches pods for as long as it takes, and lists again whenever the watch cannot go on.</summary>
internal sealed class PodWatch(KubeHttp http, string? ns, TimeProvider time, SharedRandom random)
{
    private readonly Dictionary<string, string> known = new(StringComparer.Ordinal);
    private string? version;

    private string Path => ns is null ? "/api/v1/pods" : $"/api/v1/namespaces/{ns}/pods";

    /// <summary>Runs until cancelled. The callbacks come one after the other.</summary>
    /// <param name="changed">A pod is new or changed.</param>
    /// <param name="gone">The pod of a uid is gone.</param>
    public async Task RunAsync(Action<JsonObject> changed, Action<string> gone, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                if (version is null)
                    await ListAsync(changed, gone, stop);
                await FollowAsync(changed, gone, stop);
            }
            catch (KubeFailure e) when (e.Code == 410)
            {
                version = null;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or KubeFailure { Code: >= 500 or 429 })
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 + (200 * random.Next())), time, stop);
            }
        }
    }

    private async Task ListAsync(Action<JsonObject> changed, Action<string> gone, CancellationToken stop)
    {
        var list = await http.GetAsync(Path, stop);
        var pods = list.Objects("items").ToList();
        var uids = pods.Select(Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var uid in known.Keys.Where(u => !uids.Contains(u)).ToList())
            Forget(uid, gone);
        foreach (var pod in pods)
            Learn(pod, changed);
        version = list.Text("metadata", "resourceVersion");
    }

    /// <summary>
    /// Watches until the server ends it. The version moves with every event, so that no break repeats any.
    /// </summary>
    private async Task FollowAsync(Action<JsonObject> changed, Action<string> gone, CancellationToken stop)
    {
        var path = $"{Path}?watch=true&allowWatchBookmarks=true&resourceVersion={version}";
        await foreach (var change in http.WatchAsync(path, stop))
        {
            var item = change["object"] as JsonObject ?? [];
            switch (change.Text("type"))
            {
                case "ERROR":
                    version = null;
                    return;
                case "DELETED":
                    Forget(Uid(item), gone);
                    break;
                case "ADDED" or "MODIFIED":
                    Learn(item, changed);
                    break;
            }
            version = item.Text("metadata", "resourceVersion") ?? version;
        }
    }

    private void Learn(JsonObject pod, Action<JsonObject> changed)
    {
        var version = pod.Text("metadata", "resourceVersion")!;
        if (known.GetValueOrDefault(Uid(pod)) == version)
            return;
        known[Uid(pod)] = version;
        changed(pod);
    }

    private void Forget(string uid, Action<string> gone)
    {
        if (known.Remove(uid))
            gone(uid);
    }

    private static string Uid(JsonObject pod) => pod.Text("metadata", "uid") ?? "";
}
