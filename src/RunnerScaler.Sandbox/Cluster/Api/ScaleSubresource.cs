using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>
/// The scale subresource of custom types, as <c>kubectl scale</c> and autoscalers use it. See
/// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource.
/// </summary>
internal static class ScaleSubresource
{
    /// <exception cref="KubeFailure">405 for other methods than GET, PUT and PATCH.</exception>
    public static async Task<KubeResponse> HandleAsync(ObjectStore store, KubeRequest request, HttpRequest http)
    {
        var paths = request.Type.Scale!;
        var current = store.Get(request.Type, request.Namespace, request.Name!);
        if (request.Verb == "get")
            return KubeResponse.Of(200, Scale(current, paths));
        var wanted = request.Verb switch
        {
            "update" => await BodyReader.ReadObjectAsync(http),
            "patch" => ObjectStore.Patched(request.Type, Scale(current, paths), await BodyReader.ReadPatchAsync(http)),
            _ => throw KubeFailure.MethodNotAllowed(),
        };
        var replicas = wanted.Number("spec", "replicas")
            ?? throw KubeFailure.Invalid(request.Type, request.Name!, [FieldError.Required("spec.replicas")]);
        var changed = store.Modify(request.Type, request.Namespace, request.Name!, value =>
        {
            if (wanted.Text("metadata", "resourceVersion") is { Length: > 0 } version)
                value.Metadata()["resourceVersion"] = version;
            Set(value, Steps(paths.SpecReplicas), replicas);
            return value;
        });
        return KubeResponse.Of(200, Scale(changed, paths));
    }

    private static JsonObject Scale(StoredObject item, ScalePaths paths) => new()
    {
        ["kind"] = "Scale",
        ["apiVersion"] = "autoscaling/v1",
        ["metadata"] = new JsonObject
        {
            ["name"] = item.Name,
            ["namespace"] = item.Namespace,
            ["uid"] = item.Uid,
            ["resourceVersion"] = Versions.Write(item.Version),
            ["creationTimestamp"] = item.Value.Text("metadata", "creationTimestamp"),
        },
        ["spec"] = new JsonObject { ["replicas"] = item.Value.Number(Steps(paths.SpecReplicas)) ?? 0 },
        ["status"] = new JsonObject
        {
            ["replicas"] = item.Value.Number(Steps(paths.StatusReplicas)) ?? 0,
            ["selector"] = paths.LabelSelector is null ? null : item.Value.Text(Steps(paths.LabelSelector)),
        },
    };

    private static string[] Steps(string path) => path.TrimStart('.').Split('.');

    private static void Set(JsonObject value, string[] steps, long number)
    {
        foreach (var step in steps[..^1])
        {
            if (value[step] is not JsonObject child)
                value[step] = child = [];
            value = child;
        }
        value[steps[^1]] = number;
    }
}
