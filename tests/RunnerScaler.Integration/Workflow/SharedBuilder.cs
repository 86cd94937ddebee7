using System.Text.Json.Nodes;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Integration.Node;
using RunnerScaler.RealCluster;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Workflow;

/// <summary>
/// The shared builder of <c>deploy/examples/shared-builder</c> on the node, with what a cluster's owner would change:
/// its image, its size, its registry; and with two things that this cluster lacks, name servers and a storage driver.
/// </summary>
internal sealed class SharedBuilder(World world, string folder) : IAsyncDisposable
{
    private const string Namespace = "team-a";
    private const string Files = "deploy/examples/shared-builder";
    private static readonly string[] Names = ["buildkit-0", "buildkit-1"];

    /// <summary>What <c>spec.builder</c> is for it.</summary>
    /// <param name="authority">Whose certificate the registry has.</param>
    public static JsonObject Spec(string authority) => new()
    {
        ["mode"] = "Shared",
        ["registries"] = new JsonArray(new JsonObject { ["host"] = RegistryBox.Host, ["ca"] = authority }),
        ["shared"] = new JsonObject
        {
            ["addresses"] = new JsonArray([.. Names.Select(n => JsonValue.Create($"tcp://{HostOf(n)}:1234"))]),
            ["tlsSecret"] = "buildkit-client",
        },
        ["profile"] = null,
        ["image"] = null,
        ["resources"] = null,
        ["stateSize"] = null,
    };

    /// <summary>Starts it, and gives its clients' certificate to the pools.</summary>
    /// <returns>Where its daemons are.</returns>
    public async Task<JsonArray> StartAsync(WorkflowRig forge)
    {
        await world.Http.PostAsync("/api/v1/namespaces", Named(Namespace), Stop);
        var certificates = Path.Combine(folder, "certificates");
        await Command.RunAsync(
            "bash", Path.Combine(Example.Root, Files, "certificates.sh"), Namespace, certificates);
        await File.WriteAllTextAsync(
            Path.Combine(certificates, "server", "registry.crt"), forge.Registry.AuthorityPem, Stop);
        await AddSecretAsync(Namespace, "buildkit-server", Path.Combine(certificates, "server"));
        await AddSecretAsync("ci", "buildkit-client", Path.Combine(certificates, "client"));
        foreach (var name in Names)
            await AddVolumeAsync($"state-{name}");
        foreach (var (path, _, manifest) in await ManifestsAsync(forge))
            await world.Http.PostAsync(path, manifest, Stop);
        await UntilAsync("both daemons are ready", async () => (int?)(await world.Http.GetAsync(
            $"/apis/apps/v1/namespaces/{Namespace}/statefulsets/buildkit", Stop))["status"]?["readyReplicas"] == 2);
        return new(await Task.WhenAll(Names.Select(AliasAsync)));
    }

    public async ValueTask DisposeAsync()
    {
        await world.Http.DeleteAsync($"/api/v1/namespaces/{Namespace}", null, CancellationToken.None);
        await world.Http.DeleteAsync("/api/v1/namespaces/ci/secrets/buildkit-client", null, CancellationToken.None);
    }

    private static string HostOf(string name) => $"{name}.buildkit.{Namespace}.svc";

    private async Task<IEnumerable<Manifest>> ManifestsAsync(WorkflowRig forge) =>
        Manifest.Read(
            $"{Files}/buildkitd.yaml", Namespace,
            (WorkflowImages.Upstream["docker.io/".Length..], await world.Node.PinnedAsync(WorkflowImages.BuildKit)),
            ("""{cpu: "2", memory: 4Gi}""", "{cpu: 10m, memory: 64Mi}"),
            ("terminationGracePeriodSeconds: 600", "terminationGracePeriodSeconds: 0"),
            ("hostUsers: false", $"hostUsers: false\n      hostAliases: {forge.HostAliases.ToJsonString()}"),
            ("    [worker.oci]", $"""
                [registry."{RegistryBox.Host}"]
                  ca = ["/certs/registry.crt"]
                [worker.oci]
            """));

    private async Task<JsonNode?> AliasAsync(string name)
    {
        var pod = await world.Http.GetAsync($"/api/v1/namespaces/{Namespace}/pods/{name}", Stop);
        return new JsonObject
        {
            ["ip"] = (string?)pod["status"]!["podIP"],
            ["hostnames"] = new JsonArray(HostOf(name)),
        };
    }

    private Task<JsonObject> AddSecretAsync(string ns, string name, string files) => world.Http.PostAsync(
        $"/api/v1/namespaces/{ns}/secrets", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["stringData"] = new JsonObject(Directory.EnumerateFiles(files).Select(file =>
                KeyValuePair.Create(Path.GetFileName(file), (JsonNode?)File.ReadAllText(file)))),
        }, Stop);

    // Drivers give a volume to the pod's group; a folder of the node has to be open to it already.
    private async Task AddVolumeAsync(string name)
    {
        var path = Path.Combine(folder, name);
        await Command.RunAsync("install", "--directory", "--mode=0777", path);
        await world.Http.PostAsync("/api/v1/persistentvolumes", Manifest.Yaml($$"""
            metadata: {name: {{name}} }
            spec:
              capacity: {storage: 100Gi}
              accessModes: [ReadWriteOnce]
              persistentVolumeReclaimPolicy: Retain
              hostPath: {path: {{path}}, type: Directory}
            """), Stop);
    }
}
