using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RunnerScaler.Sandbox.Scenario;
using YamlDotNet.Serialization;

namespace RunnerScaler.Sandbox.Box;

/// <summary>Puts into a cluster what a user would: the custom resource, a credential, a pool.</summary>
internal sealed class ClusterBox(IKubernetes client)
{
    public const string Namespace = "ci";
    public const string PoolName = "linux";

    private const string Secret = "github-app";
    private const string Group = "runnerscaler.io";
    private const string Version = "v1alpha1";
    private const string Plural = "runnerpools";

    public async Task InstallAsync(GitHubBox gitHub, PoolSettings pool, TimeProvider time, CancellationToken cancel)
    {
        await PrepareAsync(gitHub, time, cancel);
        await client.CoreV1.CreateNamespacedServiceAccountAsync(
            new() { Metadata = new() { Name = "default" } }, Namespace, cancellationToken: cancel);
        await AddPoolAsync(PoolName, Spec(gitHub.OrganizationUrl, pool), cancel);
    }

    /// <summary>Installs all but a pool, and the service account that real controllers make.</summary>
    public async Task PrepareAsync(GitHubBox gitHub, TimeProvider time, CancellationToken cancel)
    {
        await client.CoreV1.CreateNamespaceAsync(
            new() { Metadata = new() { Name = Namespace } }, cancellationToken: cancel);
        await InstallPoolTypeAsync(time, cancel);
        var secret = new V1Secret
        {
            Metadata = new() { Name = Secret },
            Data = new Dictionary<string, byte[]>
            {
                ["app_id"] = Encoding.ASCII.GetBytes(gitHub.AppId),
                ["private_key"] = Encoding.ASCII.GetBytes(gitHub.PrivateKeyPem),
            },
        };
        await client.CoreV1.CreateNamespacedSecretAsync(secret, Namespace, cancellationToken: cancel);
    }

    public async Task AddPoolAsync(string name, JsonObject spec, CancellationToken cancel)
    {
        var pool = new JsonObject
        {
            ["apiVersion"] = $"{Group}/{Version}",
            ["kind"] = "RunnerPool",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
            ["spec"] = spec,
        };
        await client.CustomObjects.CreateNamespacedCustomObjectAsync(
            pool, Group, Version, Namespace, Plural, cancellationToken: cancel);
    }

    /// <summary>Removes a pool; a real cluster's garbage collector then removes its pods.</summary>
    public Task RemovePoolAsync(string name, CancellationToken cancel) =>
        client.CustomObjects.DeleteNamespacedCustomObjectAsync(
            Group, Version, Namespace, Plural, name, cancellationToken: cancel);

    /// <summary>Gives the pool's reserve up, so that nothing is wanted any more.</summary>
    public async Task DropReserveAsync(CancellationToken cancel)
    {
        var patch = new V1Patch("""{"spec":{"warm":{"standby":0}}}""", V1Patch.PatchType.MergePatch);
        await client.CustomObjects.PatchNamespacedCustomObjectAsync(
            patch, Group, Version, Namespace, Plural, PoolName, cancellationToken: cancel);
    }

    /// <summary>The pods of the pool that have not ended.</summary>
    public async Task<(int Live, int All)> CountPodsAsync(CancellationToken cancel)
    {
        var pods = await client.CoreV1.ListNamespacedPodAsync(Namespace, cancellationToken: cancel);
        return (pods.Items.Count(p => p.Status.Phase is "Pending" or "Running"), pods.Items.Count);
    }

    /// <summary>The pool's status, as its owner would read it.</summary>
    public async Task<JsonNode?> PoolStatusAsync(string name, CancellationToken cancel)
    {
        var pool = await client.CustomObjects.GetNamespacedCustomObjectAsync(
            Group, Version, Namespace, Plural, name, cancel);
        return JsonNode.Parse(KubernetesJson.Serialize(pool))?["status"];
    }

    /// <param name="url">What the pool serves.</param>
    public static JsonObject Spec(string url, PoolSettings pool) => new()
    {
        ["github"] = new JsonObject
        {
            ["credentialsSecret"] = Secret,
            ["feed"] = pool.UsesScaleSet ? "ScaleSet" : "Poll",
            ["serves"] = new JsonArray(new JsonObject { ["url"] = url }),
        },
        ["labels"] = new JsonArray([.. pool.Labels.Select(l => JsonValue.Create(l))]),
        ["limits"] = new JsonObject { ["maxRunners"] = pool.MaxRunners },
        ["warm"] = new JsonObject { ["standby"] = pool.Standby },
        ["builder"] = new JsonObject { ["mode"] = pool.Builder },
        ["deadlines"] = new JsonObject { ["idle"] = $"{pool.IdleSeconds}s" },
    };

    private async Task InstallPoolTypeAsync(TimeProvider time, CancellationToken cancel)
    {
        var yaml = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "runnerpools.yaml"), cancel);
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var json = new SerializerBuilder().JsonCompatible().Build().Serialize(reader.Deserialize(yaml)!);
        await client.ApiextensionsV1.CreateCustomResourceDefinitionAsync(
            KubernetesJson.Deserialize<V1CustomResourceDefinition>(json), cancellationToken: cancel);
        for (var tries = 0; tries < 100; tries++)
        {
            var type = await client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(
                $"{Plural}.{Group}", cancellationToken: cancel);
            if (type.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancel);
        }
        throw new BoxException("The cluster did not establish the RunnerPool type within 10 s.");
    }
}
