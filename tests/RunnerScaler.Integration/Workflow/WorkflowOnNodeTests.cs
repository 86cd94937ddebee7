using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Integration.Node;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Workflow;

/// <summary>
/// The shipped workflows, as they are, in pods of ours on a real node: real actions, the real BuildKit, a real
/// registry, and a deployment that the node then runs. Only GitHub's own listener and its servers are stood in for.
/// </summary>
[Collection(NodeTests.Name)]
[Trait("Category", "Node")]
public sealed class WorkflowOnNodeTests(NodeFixture fixture, ITestOutputHelper output) : IAsyncDisposable
{
    private const string Ci = "/api/v1/namespaces/ci";
    private const string Prod = "prod";

    private readonly string folder = Directory.CreateTempSubdirectory("runnerscaler-").FullName;
    private World world = null!;
    private WorkflowRig? forge;

    public async ValueTask DisposeAsync()
    {
        if (forge is not null)
        {
            await forge.DisposeAsync();
            await world.Http.DeleteAsync($"/api/v1/namespaces/{Prod}", null, CancellationToken.None);
            await UntilAsync("the namespace is gone", async () =>
                !(await world.Http.GetAsync("/api/v1/namespaces", CancellationToken.None)).ToJsonString()
                    .Contains($"\"{Prod}\"", StringComparison.Ordinal));
        }
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("UserNamespaces")]
    [InlineData("Baseline")]
    [InlineData("Compatible")]
    public async Task AnImageIsBuiltPushedAndRolledOut(string profile)
    {
        var name = $"deploy-{profile.ToLowerInvariant()}";
        await using var pool = await OpenAsync(name, profile, "build-and-deploy.yaml");
        await RunAsync(pool);
        Assert.Contains(forge!.Image.Split(':')[1], await forge.Registry.TagsAsync(World.Repository));
        Assert.True(forge.Cache.Entries > 0);
        Assert.Equal(forge.Image, await DeployedAsync());

        var before = forge.Cache.Hits;
        await RunAsync(pool);
        Assert.True(forge.Cache.Hits > before);
        await pool.UntilNothingIsLeftAsync();
        await pool.UntilExitAsync("RanJob", 2);
        Assert.Equal(2, await world.Metrics.SumAsync(
            "runnerscaler_builds_total", ("pool", pool.Name), ("command", "build"), ("result", "success")));
        Assert.True(await world.Metrics.SumAsync("runnerscaler_build_cached_steps_total", ("pool", pool.Name)) > 0);
    }

    [Theory]
    [InlineData("newest-actions.yaml", "acme/app", "main")]
    [InlineData("bake.yaml", "acme/app-migrations", "dev")]
    [InlineData("inline-cache.yaml", "acme/app", "latest")]
    [InlineData("registry-cache.yaml", "acme/app", "cache-main")]
    [InlineData("commands.yaml", "acme/app", "plain")]
    public async Task AWorkflowPushesItsImage(string file, string repository, string tag)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        await using var pool = await OpenAsync(name, profile: null, file);
        await RunAsync(pool);
        Assert.Contains(tag, await forge!.Registry.TagsAsync(repository));
        await pool.UntilNothingIsLeftAsync();
    }

    [Fact]
    public async Task ASharedBuilderDoesTheSame()
    {
        world = await fixture.OpenAsync();
        SkipUnlessPossible();
        await using var builder = new SharedBuilder(world, folder);
        await SeccompOnNode.InstallAsync(world);
        forge = await WorkflowRig.StartAsync(world.Node, folder);
        var daemons = await builder.StartAsync(forge);
        var spec = new JsonObject { ["builder"] = SharedBuilder.Spec(forge.Registry.AuthorityPem) };
        await using var pool = await OpenAsync("shared", null, "build-and-deploy.yaml", spec, daemons);
        await RunAsync(pool);
        Assert.Equal(forge.Image, await DeployedAsync());
        await pool.UntilNothingIsLeftAsync();
    }

    [Fact]
    public async Task AJobIsLoggedInByItsPool()
    {
        var credentials = new JsonObject { ["registryCredentialsSecret"] = "registry" };
        await using var pool = await OpenAsync("by-pool", null, "login-by-pool.yaml", credentials);
        await PostOnceAsync($"{Ci}/secrets", RegistrySecret());
        await RunAsync(pool);
        Assert.Contains("by-pool", await forge!.Registry.TagsAsync(World.Repository));
        await pool.UntilNothingIsLeftAsync();
    }

    [Theory]
    [InlineData("UserNamespaces")]
    [InlineData("Baseline")]
    public async Task ASlotsCacheOutlivesItsPods(string profile)
    {
        var name = $"slot-{profile.ToLowerInvariant()}";
        await using var pool = await OpenAsync(name, profile, "commands.yaml", Json($$"""
            {"limits":{"maxRunners":1},"builder":{"stateSize":null,
              "cache":{"kind":"Slot","storageClass":"{{name}}","size":"1Gi"} } }
            """));
        await AddVolumeAsync(name);
        await RunAsync(pool);
        var before = await CachedStepsAsync();
        await RunAsync(pool);
        await pool.UntilExitAsync("RanJob", 2);
        // Each of the three builds of the second job finds all but its exporter.
        Assert.True(await CachedStepsAsync() - before > before);
        await pool.UntilNothingIsLeftAsync();

        Task<double> CachedStepsAsync() =>
            world.Metrics.SumAsync("runnerscaler_build_cached_steps_total", ("pool", pool.Name));
    }

    private async Task<NodePool> OpenAsync(
        string name, string? profile, string workflow, JsonObject? differences = null, JsonArray? aliases = null)
    {
        world = await fixture.OpenAsync();
        SkipUnlessPossible();
        await SeccompOnNode.InstallAsync(world);
        forge ??= await WorkflowRig.StartAsync(world.Node, folder);
        await PrepareAsync();
        await world.Http.PostAsync($"{Ci}/configmaps", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["data"] = new JsonObject
            {
                ["runner.js"] = await File.ReadAllTextAsync(
                    Path.Combine(AppContext.BaseDirectory, "Workflow", "runner.js"), Stop),
                ["workflow.json"] = forge.Workflow(workflow),
            },
        }, Stop);
        var spec = await SpecAsync(name, profile);
        foreach (var (member, value) in differences ?? [])
            NodePool.Merge(spec, member, value);
        foreach (var alias in aliases ?? [])
            spec["template"]!["spec"]!["hostAliases"]!.AsArray().Add(alias!.DeepClone());
        return await NodePool.OpenAsync(world, name, new() { GraceSeconds = 300, Memory = "2Gi" }, spec);
    }

    private void SkipUnlessPossible()
    {
        var reason = WorkflowImages.WhyNot(world.Node.Release);
        Assert.SkipWhen(reason is not null, reason ?? "");
    }

    private async Task<JsonObject> SpecAsync(string name, string? profile) => new()
    {
        ["deploy"] = new JsonObject { ["serviceAccountName"] = "deployer", ["namespace"] = Prod },
        ["builder"] = new JsonObject
        {
            ["mode"] = "Sidecar",
            ["profile"] = profile,
            ["image"] = await world.Node.PinnedAsync(WorkflowImages.BuildKit),
            ["registries"] = new JsonArray(new JsonObject
            {
                ["host"] = RegistryBox.Host,
                ["ca"] = forge!.Registry.AuthorityPem,
            }),
            ["resources"] = Json("""{"requests":{"cpu":"100m","memory":"128Mi"} }"""),
            ["stateSize"] = "2Gi",
        },
        ["template"] = Json($$"""
            {"spec":{"hostAliases":{{forge.HostAliases.ToJsonString()}},"containers":[{"name":"runner",
               "image":"{{await world.Node.PinnedAsync(WorkflowImages.Runner)}}","volumeMounts":[
                 {"name":"workflow","mountPath":"/home/runner/bin/Runner.Listener","subPath":"runner.js"},
                 {"name":"workflow","mountPath":"/home/runner/workflow.json","subPath":"workflow.json"}]}],
             "volumes":[{"name":"workflow","configMap":{"name":"{{name}}","defaultMode":365} }]} }
            """),
    };

    // What a cluster's owner prepares: the deployment, the least rights for it, and the registry's credentials.
    private async Task PrepareAsync()
    {
        await world.Http.PostAsync("/api/v1/namespaces", Named(Prod), Stop);
        foreach (var (path, _, manifest) in Manifest.Read(
            "deploy/examples/deploy-rbac.yaml", Prod, ("myapp", "app"), ("namespace: runners", "namespace: ci")))
            await PostOnceAsync(path, manifest);
        await world.Http.PostAsync($"/api/v1/namespaces/{Prod}/secrets", RegistrySecret(), Stop);
        await world.Http.PostAsync($"/apis/apps/v1/namespaces/{Prod}/deployments", Manifest.Yaml($$"""
            metadata: {name: app}
            spec:
              selector: {matchLabels: {app: app} }
              template:
                metadata: {labels: {app: app} }
                spec:
                  terminationGracePeriodSeconds: 0
                  automountServiceAccountToken: false
                  imagePullSecrets: [{name: registry}]
                  containers: [{name: app, image: "{{NodeFiles.PauseImage}}", imagePullPolicy: IfNotPresent}]
            """), Stop);
    }

    private static JsonObject RegistrySecret() => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "registry" },
        ["type"] = "kubernetes.io/dockerconfigjson",
        ["stringData"] = new JsonObject { [".dockerconfigjson"] = RegistryBox.DockerConfig },
    };

    // A folder of the node as a volume, for want of a storage driver.
    private async Task AddVolumeAsync(string name)
    {
        await world.Http.PostAsync("/apis/storage.k8s.io/v1/storageclasses", Manifest.Yaml($$"""
            metadata: {name: {{name}} }
            provisioner: kubernetes.io/no-provisioner
            volumeBindingMode: WaitForFirstConsumer
            """), Stop);
        await world.Http.PostAsync("/api/v1/persistentvolumes", Manifest.Yaml($$"""
            metadata: {name: {{name}} }
            spec:
              storageClassName: {{name}}
              capacity: {storage: 1Gi}
              accessModes: [ReadWriteOncePod]
              persistentVolumeReclaimPolicy: Retain
              hostPath: {path: {{Directory.CreateDirectory(Path.Combine(folder, name)).FullName}}, type: Directory}
            """), Stop);
    }

    private async Task RunAsync(NodePool pool)
    {
        var began = TimeProvider.System.GetTimestamp();
        var job = pool.Queue("workflow", seconds: 0);
        await pool.UntilAsync("the workflow has ended", () => pool.Now(job).Status == JobStatus.Completed, 240);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        if (pool.Now(job).Conclusion != JobConclusion.Success)
            Assert.Fail($"the workflow failed:\n{forge!.Log}\n{await pool.DescribeAsync()}");
        var status = await world.Box.PoolStatusAsync(pool.Name, Stop);
        var selected = status!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "BuilderSelected")!;
        Assert.Equal("True", (string?)selected["status"]);
        output.WriteLine($"{pool.Name}: {selected["reason"]}: {selected["message"]}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pool.Name}: queued to completed {took:0.0} s"));
        output.WriteLine(forge!.Log);
    }

    /// <summary>The image of the pod that runs.</summary>
    private async Task<string?> DeployedAsync()
    {
        var pods = await world.Http.GetAsync($"/api/v1/namespaces/{Prod}/pods", Stop);
        return pods["items"]!.AsArray()
            .Where(p => (string?)p!["status"]!["phase"] == "Running" && p["metadata"]!["deletionTimestamp"] is null)
            .Select(p => (string?)p!["spec"]!["containers"]![0]!["image"]).Single();
    }

    private async Task PostOnceAsync(string path, JsonObject manifest)
    {
        try
        {
            await world.Http.PostAsync(path, manifest, Stop);
        }
        catch (KubeFailure failure) when (failure.Reason == "AlreadyExists")
        {
            // An earlier test of this node made it.
        }
    }
}
