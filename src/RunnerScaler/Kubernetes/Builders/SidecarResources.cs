using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>The sidecar's requests and limits: the pool's, and the defaults where it says nothing.</summary>
internal static class SidecarResources
{
    private const string Storage = "ephemeral-storage";

    public static JsonObject Write(BuilderSpec builder, BuilderDefaults defaults, string? stateSize)
    {
        var requests = new SortedDictionary<string, string>(builder.Requests.ByName, StringComparer.Ordinal);
        var limits = new SortedDictionary<string, string>(builder.Limits.ByName, StringComparer.Ordinal);
        Fill(requests, limits, "cpu", defaults.CpuRequest, defaults.CpuLimit);
        Fill(requests, limits, "memory", defaults.MemoryRequest, defaults.MemoryLimit);
        // A limit would count the runner's files as well: the kubelet holds the sum of a pod's limits against all that
        // the pod has written. The volume has a limit of its own.
        if (stateSize is not null && !limits.ContainsKey(Storage))
            requests.TryAdd(Storage, stateSize);
        return new JsonObject { ["requests"] = Json(requests), ["limits"] = Json(limits) };
    }

    /// <summary>A default never contradicts what the pool says: a request is at most the limit.</summary>
    private static void Fill(
        SortedDictionary<string, string> requests,
        SortedDictionary<string, string> limits,
        string name,
        string request,
        string limit)
    {
        var (asked, most) = (requests.GetValueOrDefault(name), limits.GetValueOrDefault(name));
        if (asked is null && request.Length > 0)
            requests[name] = most is not null && Less(most, request) ? most : request;
        if (most is null && limit.Length > 0)
            limits[name] = asked is not null && Less(limit, asked) ? asked : limit;
    }

    private static bool Less(string a, string b) => Quantity.Read(a) < Quantity.Read(b);

    private static JsonObject Json(SortedDictionary<string, string> amounts) =>
        new(amounts.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)JsonValue.Create(a.Value))));
}
