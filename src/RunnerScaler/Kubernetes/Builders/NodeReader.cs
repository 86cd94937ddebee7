using System.Collections.Immutable;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// Reads of a
/// <see href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/#NodeStatus">node</see>
/// what builders depend on.
/// </summary>
internal static class NodeReader
{
    public static NodeFacts Read(JsonElement node)
    {
        var metadata = node.Member("metadata");
        var status = node.Member("status");
        var info = status.Member("nodeInfo");
        var labels = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in metadata.Member("labels").Fields())
            if (((JsonElement?)value).Text() is { } label)
                labels[name] = label;
        return new NodeFacts(
            metadata.Text("name") ?? "",
            labels.ToImmutable(),
            info.Text("operatingSystem") ?? labels.GetValueOrDefault("kubernetes.io/os", ""),
            Release.Parse(info.Text("kernelVersion")),
            Release.Parse(info.Text("kubeletVersion")),
            HasUserNamespaces(status));
    }

    // The handler without a name is the default one, which pods without a runtime class get.
    private static bool HasUserNamespaces(JsonElement? status)
    {
        foreach (var handler in status.Each("runtimeHandlers"))
            if ((handler.Text("name") ?? "") == ""
                && handler.Member("features").Member("userNamespaces") is { ValueKind: JsonValueKind.True })
                return true;
        return false;
    }
}
