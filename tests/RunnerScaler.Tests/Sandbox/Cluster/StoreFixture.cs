using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Tests.Sandbox.Cluster;

/// <summary>A store with a clock that stands still, and short ways to write objects.</summary>
internal sealed class StoreFixture
{
    public static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public StoreFixture(int historyLength = 100) => Store = new ObjectStore(Clock, new Random(1), historyLength);

    public FakeTimeProvider Clock { get; } = new(Start);

    public ObjectStore Store { get; }

    public StoredObject AddPod(string name, string? more = null) =>
        Store.Create(KnownTypes.Pods, "default", Pod(name, more));

    public StoredObject AddConfig(string name, string data = "{}", string metadata = "{}")
    {
        var value = Json($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{{metadata}},"data":{{data}}}""");
        value["metadata"]!["name"] = name;
        return Store.Create(KnownTypes.ConfigMaps, "default", value);
    }

    public StoredObject Pod(string name) => Store.Get(KnownTypes.Pods, "default", name);

    public static JsonObject Pod(string name, string? more)
    {
        var pod = Json("""
            {"apiVersion":"v1","kind":"Pod","metadata":{},
             "spec":{"restartPolicy":"Never","containers":[{"name":"runner","image":"runner:1"}]}}
            """);
        pod["metadata"]!["name"] = name;
        foreach (var (key, value) in more is null ? [] : Json(more))
        {
            if (pod[key] is JsonObject map && value is JsonObject extra)
            {
                foreach (var (inner, child) in extra)
                    map[inner] = child?.DeepClone();
            }
        }
        return pod;
    }

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    /// <summary>The refusal that an action must meet.</summary>
    public static KubeFailure Refusal(int code, Action action)
    {
        var failure = Assert.Throws<KubeFailure>(action);
        Assert.Equal(code, failure.Code);
        return failure;
    }

    /// <summary>What a cursor has to deliver now, as "ADDED name".</summary>
    public static List<string> Drain(WatchCursor cursor)
    {
        var seen = new List<string>();
        while (cursor.TryNext(out var next))
            seen.Add($"{next.Type} {next.Item.Name}");
        return seen;
    }
}
