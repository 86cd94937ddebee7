using System.Text.Json.Nodes;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Sandbox.Cluster.Store;
using YamlDotNet.Serialization;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>A manifest that people apply.</summary>
/// <param name="Path">Where it is posted to.</param>
/// <param name="Namespace">Null if it is in none.</param>
/// <param name="Object">What is posted.</param>
internal sealed record Manifest(string Path, string? Namespace, JsonObject Object)
{
    private static readonly Dictionary<string, string> Paths = new(StringComparer.Ordinal)
    {
        ["Namespace"] = "/api/v1/namespaces",
        ["ServiceAccount"] = "/api/v1/namespaces/{0}/serviceaccounts",
        ["ConfigMap"] = "/api/v1/namespaces/{0}/configmaps",
        ["Service"] = "/api/v1/namespaces/{0}/services",
        ["StatefulSet"] = "/apis/apps/v1/namespaces/{0}/statefulsets",
        ["NetworkPolicy"] = "/apis/networking.k8s.io/v1/namespaces/{0}/networkpolicies",
        ["DaemonSet"] = "/apis/apps/v1/namespaces/{0}/daemonsets",
        ["Role"] = "/apis/rbac.authorization.k8s.io/v1/namespaces/{0}/roles",
        ["RoleBinding"] = "/apis/rbac.authorization.k8s.io/v1/namespaces/{0}/rolebindings",
        ["ClusterRole"] = "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        ["ClusterRoleBinding"] = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    };

    /// <param name="file">The file, from the repository's root.</param>
    /// <param name="ns">The namespace of objects that name none and need one.</param>
    /// <param name="changes">Words of the file and what to put in their place.</param>
    public static IEnumerable<Manifest> Read(string file, string ns, params (string Old, string New)[] changes)
    {
        var text = File.ReadAllText(System.IO.Path.Combine(Example.Root, file));
        foreach (var (old, @new) in changes)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, @new, StringComparison.Ordinal);
        }
        return text.Split("\n---\n").Select(document => Of(Yaml(document).AsObject(), ns));
    }

    /// <summary>YAML as JSON.</summary>
    public static JsonNode Yaml(string text)
    {
        var read = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(read.Deserialize(text)!))!;
    }

    private static Manifest Of(JsonObject manifest, string ns)
    {
        var path = Paths[manifest.Text("kind")!];
        var own = path.Contains("{0}", StringComparison.Ordinal) ? manifest.Text("metadata", "namespace") ?? ns : null;
        return new(path.Replace("{0}", own, StringComparison.Ordinal), own, manifest);
    }
}
