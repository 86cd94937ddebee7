using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>The shapes that pods are made of, and how they are put in: whoever has the same key gives way.</summary>
internal static class PodJson
{
    /// <summary>What the API server takes where nothing is said.</summary>
    private const int DefaultGraceSeconds = 30;

    public static JsonObject EmptyDir(string name, string sizeLimit) =>
        new() { ["name"] = name, ["emptyDir"] = new JsonObject { ["sizeLimit"] = sizeLimit } };

    public static JsonObject SecretVolume(string name, string secret) =>
        new() { ["name"] = name, ["secret"] = new JsonObject { ["secretName"] = secret } };

    public static JsonObject Mount(string volume, string path) => new() { ["name"] = volume, ["mountPath"] = path };

    public static JsonObject ReadOnlyMount(string volume, string path) =>
        new() { ["name"] = volume, ["mountPath"] = path, ["readOnly"] = true };

    /// <summary>One file of a volume.</summary>
    public static JsonObject FileMount(string volume, string path, string file) =>
        new() { ["name"] = volume, ["mountPath"] = path, ["subPath"] = file, ["readOnly"] = true };

    /// <param name="pool">The owner.</param>
    /// <param name="poolUid">Its uid.</param>
    /// <param name="blocks">Whether a deletion in the foreground waits for what is owned.</param>
    public static JsonObject OwnedBy(PoolKey pool, string poolUid, bool blocks = true) => new()
    {
        ["apiVersion"] = ResourcePaths.ApiVersion,
        ["kind"] = ResourcePaths.PoolKind,
        ["name"] = pool.Name,
        ["uid"] = poolUid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = blocks,
    };

    public static void PutVolume(JsonObject spec, JsonObject volume) => Put(Entries(spec, "volumes"), volume, "name");

    public static void PutMount(JsonObject container, JsonObject mount) =>
        Put(Entries(container, "volumeMounts"), mount, "mountPath");

    public static void PutVariable(JsonObject container, string name, string value) =>
        Put(Entries(container, "env"), new JsonObject { ["name"] = name, ["value"] = value }, "name");

    public static void PutPort(JsonObject container, string name, int port) =>
        Put(
            Entries(container, "ports"),
            new JsonObject { ["name"] = name, ["containerPort"] = port },
            "containerPort");

    /// <summary>Adds an entry unless there is one of its name.</summary>
    public static void AddMissing(JsonObject spec, string list, JsonObject entry)
    {
        var entries = Entries(spec, list);
        if (IndexOf(entries, entry, "name") < 0)
            entries.Add((JsonNode)entry);
    }

    /// <summary>The container of that name, if there is one.</summary>
    public static JsonObject? Container(JsonArray containers, string name) =>
        containers.OfType<JsonObject>().FirstOrDefault(c => TextOf(c, "name") == name);

    /// <summary>How long the pod may take to end.</summary>
    public static string GraceSeconds(JsonObject spec) =>
        spec["terminationGracePeriodSeconds"]?.ToJsonString()
            ?? DefaultGraceSeconds.ToString(CultureInfo.InvariantCulture);

    public static JsonObject Fields(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject fields)
            parent[name] = fields = new JsonObject();
        return fields;
    }

    public static JsonArray Entries(JsonObject parent, string name)
    {
        if (parent[name] is not JsonArray entries)
            parent[name] = entries = new JsonArray();
        return entries;
    }

    public static string? TextOf(JsonObject fields, string name) =>
        fields[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static void Put(JsonArray entries, JsonObject entry, string key)
    {
        var at = IndexOf(entries, entry, key);
        if (at < 0)
            entries.Add((JsonNode)entry);
        else
            entries[at] = entry;
    }

    private static int IndexOf(JsonArray entries, JsonObject entry, string key)
    {
        for (var i = 0; i < entries.Count; i++)
            if (entries[i] is JsonObject other && JsonNode.DeepEquals(other[key], entry[key]))
                return i;
        return -1;
    }
}
