using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>An answer, ready to be written (or to be lost).</summary>
internal sealed record KubeResponse(int Code, ReadOnlyMemory<byte> Body)
{
    /// <summary>Seconds for the Retry-After header; null for none.</summary>
    public int? RetryAfterSeconds { get; init; }

    public static KubeResponse Of(int code, JsonNode body) => new(code, body.ToBytes());

    public static KubeResponse Of(KubeFailure failure) => Of(failure.Code, failure.ToStatus());

    /// <summary>An object as the request's type serves it.</summary>
    public static KubeResponse Of(int code, StoredObject item, ResourceView? view) =>
        view is null ? new KubeResponse(code, item.Json) : Of(code, view.ToServed(item.Value));

    /// <summary>A page of a list as the request's type serves it.</summary>
    public static KubeResponse Of(ObjectPage page, ResourceType type, ResourceView? view)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", type.ListKind);
            writer.WriteString("apiVersion", type.ApiVersion);
            writer.WritePropertyName("metadata");
            page.Metadata().WriteTo(writer);
            writer.WriteStartArray("items");
            foreach (var item in page.Items)
            {
                if (view is null)
                    writer.WriteRawValue(item.ItemJson.Span, skipInputValidation: true);
                else
                    view.ToServed(item.Value).WriteTo(writer);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return new KubeResponse(200, buffer.WrittenMemory);
    }

    /// <summary>The <c>Status</c> of a finished delete.</summary>
    public static KubeResponse Deleted(StoredObject item) => Of(200, new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["details"] = Details(item),
    });

    /// <summary>A <c>Status</c> that says only that it is done.</summary>
    public static KubeResponse Done(int code) => Of(code, new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["code"] = code,
    });

    private static JsonObject Details(StoredObject item)
    {
        var details = new JsonObject { ["name"] = item.Name };
        if (item.Type.Group.Length > 0)
            details["group"] = item.Type.Group;
        details["kind"] = item.Type.Plural;
        details["uid"] = item.Uid;
        return details;
    }
}
