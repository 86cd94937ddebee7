using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// One committed state of one object. It never changes: <see cref="Value"/> is shared by all readers and must be
/// treated as read-only; take a <see cref="Copy"/> to edit.
/// </summary>
internal sealed class StoredObject
{
    private readonly Lazy<byte[]> json;
    private readonly Lazy<byte[]> itemJson;

    public StoredObject(ResourceType type, JsonObject value, long version)
    {
        Type = type;
        Value = value;
        Version = version;
        Namespace = value.Text("metadata", "namespace") ?? "";
        Name = value.Text("metadata", "name") ?? "";
        Uid = value.Text("metadata", "uid") ?? "";
        json = new Lazy<byte[]>(() => Value.ToBytes());
        itemJson = new Lazy<byte[]>(() => type.IsCustom ? json.Value : WithoutType(Value));
    }

    public ResourceType Type { get; }

    /// <summary>The namespace; empty for cluster-scoped objects.</summary>
    public string Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    /// <summary>The resourceVersion: one sequence over all objects of the store.</summary>
    public long Version { get; }

    /// <summary>The object. Shared: do not change it.</summary>
    public JsonObject Value { get; }

    /// <summary>What each field manager last applied, for server-side apply.</summary>
    public ImmutableSortedDictionary<string, JsonObject> Applied { get; init; } =
        ImmutableSortedDictionary<string, JsonObject>.Empty;

    /// <summary>The object as JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json => json.Value;

    /// <summary>The object as an item of a list: the server leaves out kind and apiVersion of built-in types.</summary>
    public ReadOnlyMemory<byte> ItemJson => itemJson.Value;

    /// <summary>The key within its type; its ordinal order is the order of lists.</summary>
    public string Key => KeyOf(Namespace, Name);

    public static string KeyOf(string? ns, string name) => $"{ns}/{name}";

    /// <summary>A copy to edit.</summary>
    public JsonObject Copy() => Value.DeepClone().AsObject();

    /// <summary>The same content under another version.</summary>
    public StoredObject WithVersion(long version)
    {
        var value = Copy();
        value.Metadata()["resourceVersion"] = Versions.Write(version);
        return new StoredObject(Type, value, version) { Applied = Applied };
    }

    public override string ToString() => $"{Type.Resource} {Key}@{Version}";

    private static byte[] WithoutType(JsonObject value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, child) in value.Where(p => p.Key is not ("kind" or "apiVersion")))
            {
                writer.WritePropertyName(name);
                if (child is null)
                    writer.WriteNullValue();
                else
                    child.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
