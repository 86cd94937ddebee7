using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>A pod lacks what it declares that it needs; the message says what.</summary>
internal sealed class PodConfigException(string message) : Exception(message);

/// <summary>
/// What the main container of a pod finds in its environment and in its mounted volumes: plain values, fields of the
/// pod, ConfigMaps, Secrets and projected service-account tokens.
/// </summary>
internal sealed class PodFiles(KubeHttp http, JsonObject pod, string container)
{
    private string Namespace => pod.Text("metadata", "namespace") ?? "";

    private JsonObject Container => pod.Objects("spec", "containers").First(c => c.Text("name") == container);

    /// <summary>The environment variables.</summary>
    /// <exception cref="PodConfigException">Something that is referred to does not exist.</exception>
    public async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(CancellationToken stop)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in Container.Objects("env"))
        {
            var value = entry.At("valueFrom") is JsonObject source
                ? await ReferredAsync(source, stop)
                : entry.Text("value") ?? "";
            if (value is not null)
                environment[entry.Text("name")!] = value;
        }
        return environment;
    }

    /// <summary>The projected token source behind a path: its audience and lifetime.</summary>
    /// <exception cref="PodConfigException">The container mounts no token there.</exception>
    public (string Audience, TimeSpan Lifetime) TokenAt(string path)
    {
        foreach (var mount in Container.Objects("volumeMounts"))
        {
            var volume = pod.Objects("spec", "volumes").FirstOrDefault(v => v.Text("name") == mount.Text("name"));
            foreach (var source in volume.Objects("projected", "sources"))
            {
                if (source["serviceAccountToken"] is JsonObject token
                    && $"{mount.Text("mountPath")?.TrimEnd('/')}/{token.Text("path")}" == path)
                {
                    var seconds = token.Number("expirationSeconds") ?? 3600;
                    return (token.Text("audience") ?? "", TimeSpan.FromSeconds(seconds));
                }
            }
        }
        throw new PodConfigException($"container {container} mounts no serviceAccountToken at {path}");
    }

    /// <summary>The content of a file of a mounted ConfigMap or Secret.</summary>
    /// <exception cref="PodConfigException">Nothing is mounted there.</exception>
    public async Task<string> ReadAsync(string path, CancellationToken stop)
    {
        foreach (var mount in Container.Objects("volumeMounts"))
        {
            var root = mount.Text("mountPath")?.TrimEnd('/') + "/";
            if (!path.StartsWith(root, StringComparison.Ordinal))
                continue;
            var volume = pod.Objects("spec", "volumes").FirstOrDefault(v => v.Text("name") == mount.Text("name"));
            foreach (var source in (JsonNode?[])[volume, .. volume.Objects("projected", "sources")])
            {
                if (await FromSourceAsync(source, path[root.Length..], stop) is { } content)
                    return content;
            }
        }
        throw new PodConfigException($"container {container} has no file {path}");
    }

    private async Task<string?> FromSourceAsync(JsonNode? source, string file, CancellationToken stop)
    {
        if (source.Text("configMap", "name") is { } map)
            return await KeyAsync("configmaps", map, KeyOf(source.At("configMap"), file), stop);
        var secret = source.Text("secret", "secretName") ?? source.Text("secret", "name");
        return secret is null ? null : await KeyAsync("secrets", secret, KeyOf(source.At("secret"), file), stop);
    }

    private static string KeyOf(JsonNode? source, string file) =>
        source.Objects("items").FirstOrDefault(i => i.Text("path") == file).Text("key") ?? file;

    private async Task<string?> ReferredAsync(JsonObject source, CancellationToken stop)
    {
        if (source.Text("fieldRef", "fieldPath") is { } field)
            return pod.Text(field.Split('.')) ?? "";
        var (resource, reference) = source["configMapKeyRef"] is { } map
            ? ("configmaps", map)
            : ("secrets", source["secretKeyRef"]);
        var (name, key) = (reference.Text("name") ?? "", reference.Text("key") ?? "");
        var value = await KeyAsync(resource, name, key, stop);
        return value is null && !reference.IsTrue("optional")
            ? throw new PodConfigException($"couldn't find key {key} in {resource} {Namespace}/{name}")
            : value;
    }

    private async Task<string?> KeyAsync(string resource, string name, string key, CancellationToken stop)
    {
        try
        {
            var item = await http.GetAsync($"/api/v1/namespaces/{Namespace}/{resource}/{name}", stop);
            var value = item.Text("data", key);
            return value is null || resource == "configmaps"
                ? value
                : Encoding.UTF8.GetString(Convert.FromBase64String(value));
        }
        catch (KubeFailure e) when (e.Code == 404)
        {
            return null;
        }
    }
}
