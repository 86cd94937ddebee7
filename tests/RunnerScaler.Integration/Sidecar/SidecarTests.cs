using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Node;
using RunnerScaler.Integration.Workflow;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Pools;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Sidecar;

/// <summary>
/// The controller's own pod with its sidecar, for real: today's containerd and runc, rootless BuildKit under the
/// shipped seccomp profile, the real docker and buildx behind our shim, and a real registry.
/// </summary>
[Collection(NodeTests.Name)]
[Trait("Category", "Node")]
public sealed class SidecarTests(SidecarFixture fixture, ITestOutputHelper output)
    : IClassFixture<SidecarFixture>, IDisposable
{
    private const string Runner = "runner";
    private const string Token = "the-token-of-this-pod";

    private readonly string folder = Directory.CreateTempSubdirectory("runnerscaler-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("UserNamespaces", "1310720", "sees itself alone")]
    [InlineData("Baseline", "0", "sees the daemon")]
    public async Task AJobBuildsAndPushesAndFindsItsCache(string profile, string firstId, string sight)
    {
        var node = await fixture.OpenAsync();
        var host = node.Space.Subnet.Host;
        await using var registry = await RegistryBox.StartAsync(Path.Combine(folder, "registry"), host);
        await using var endpoint = await ScriptedClaimsEndpoint.OpenAsync(host);
        endpoint.ThenGrant(JitConfig());
        var began = TimeProvider.System.GetTimestamp();
        await using var pod = await node.RunAsync(
            Pod(profile, registry, endpoint, host, SidecarImages.BuildsJob), Token, Stop);
        Assert.Equal(Token, await endpoint.NextTokenAsync());
        var ids = await pod.RunInAsync(BuilderPaths.Container, Stop, "cat", "/proc/self/uid_map");
        Assert.Equal(["0", firstId], ids.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);

        var code = await pod.EndAsync(Runner, Stop);
        var log = pod.LogOf(Runner);
        output.WriteLine(log);
        Assert.True(code == 0, pod.Describe());
        Assert.Contains(log.Split('\n'), line => line.EndsWith($" {sight}", StringComparison.Ordinal));
        Assert.DoesNotContain(" CACHED", Between(log, "app:first", "app:second"), StringComparison.Ordinal);
        Assert.Equal(7, Regex.Count(Between(log, "app:second", "buildx rm"), " CACHED"));
        Assert.Equal(["first", "plain", "second"], (await registry.TagsAsync("acme/app")).Order());
        var words = JsonNode.Parse(pod.LastWordsOf(Runner))!.AsObject();
        Assert.Equal("JobSucceeded", words.Text("outcome"));
        var builds = words.Objects("builds").ToList();
        Assert.Equal(3, builds.Count);
        Assert.All(builds, b => Assert.Equal("success", b.Text("result")));

        await pod.StopAsync(BuilderPaths.Container, Stop);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{profile}: {took:0.0} s"));
    }

    /// <summary>Images are built, tagged, pushed, built on, saved, loaded, pulled and copied out of, as with a
    /// daemon.</summary>
    [Fact]
    public async Task AJobKeepsItsImages()
    {
        var node = await fixture.OpenAsync();
        var host = node.Space.Subnet.Host;
        await using var registry = await RegistryBox.StartAsync(Path.Combine(folder, "registry"), host);
        await using var endpoint = await ScriptedClaimsEndpoint.OpenAsync(host);
        endpoint.ThenGrant(JitConfig());
        await using var pod = await node.RunAsync(
            Pod("UserNamespaces", registry, endpoint, host, SidecarImages.ImagesJob), Token, Stop);

        var code = await pod.EndAsync(Runner, Stop);
        output.WriteLine(pod.LogOf(Runner));
        Assert.True(code == 0, pod.Describe());
        var words = JsonNode.Parse(pod.LastWordsOf(Runner))!.AsObject();
        Assert.Equal("JobSucceeded", words.Text("outcome"));
        Assert.Equal(["1", "2", "checked", "many"], (await registry.TagsAsync("acme/app")).Order());
        Assert.Equal(["1"], await registry.TagsAsync("acme/prod"));
        Assert.All(words.Objects("builds"), b => Assert.Equal("success", b.Text("result")));
        await pod.StopAsync(BuilderPaths.Container, Stop);
    }

    /// <summary>What was written from one build's command on to the next one.</summary>
    private static string Between(string log, string from, string to)
    {
        var start = log.IndexOf(from, StringComparison.Ordinal);
        return log[start..log.IndexOf(to, start, StringComparison.Ordinal)];
    }

    /// <summary>The pod that the controller makes of a pool.</summary>
    private static JsonObject Pod(
        string profile, RegistryBox registry, ScriptedClaimsEndpoint endpoint, IPAddress host, string job)
    {
        var key = new PoolKey("ci", "linux");
        var pool = Pool(profile, registry, host, job);
        var (read, wishes) = RunnerPoolReader.ReadWhole(JsonSerializer.SerializeToElement(pool), new SpecReading());
        Assert.Null(read.Problem);
        var template = pool["spec"]!["template"]!.AsObject();
        var defaults = PodDefaults.From(new KubernetesOptions { BuilderImage = SidecarImages.BuildKit });
        var choice = Assert.IsType<BuilderChoice.Selected>(ProfileRule.Choose(
            wishes.Builder, template, defaults.Builder, new(new Release(1, 36), new NodeReading.Known([]))));
        var recipe = new PodInputs(key, "pool-uid", template, wishes, choice.Profile);
        var pod = PodBuilder.Build(recipe, defaults, new ClaimEndpoint($"{endpoint.Url}", endpoint.AuthorityPem))
            .ForSlot(0);
        pod["metadata"]!["uid"] = Guid.NewGuid().ToString();
        // As it comes back from an API server.
        return Json(pod.ToJsonString());
    }

    private static JsonObject Pool(string profile, RegistryBox registry, IPAddress host, string job) => new()
    {
        ["metadata"] = new JsonObject { ["namespace"] = "ci", ["name"] = "linux", ["generation"] = 1 },
        ["spec"] = new JsonObject
        {
            ["github"] = Json("""{"credentialsSecret":"app","serves":[{"url":"https://github.com/acme"}]}"""),
            ["labels"] = new JsonArray("self-hosted"),
            ["limits"] = new JsonObject { ["maxRunners"] = 1 },
            ["builder"] = new JsonObject
            {
                ["mode"] = "Sidecar",
                ["profile"] = profile,
                ["stateSize"] = "2Gi",
                ["registries"] = new JsonArray(new JsonObject
                {
                    ["host"] = RegistryBox.Host,
                    ["ca"] = registry.AuthorityPem,
                }),
            },
            ["template"] = Json($$"""
                {"spec":{"hostAliases":[{"ip":"{{host}}","hostnames":["{{RegistryBox.Host}}"]}],
                 "containers":[{"name":"{{Runner}}","image":"{{SidecarImages.Runner}}",
                  "env":[{"name":"REGISTRY_PASSWORD","value":"{{RegistryBox.Password}}"},
                         {"name":"JOB","value":"{{job}}"}]}]} }
                """),
        },
    };

    private static string JitConfig() => Encode(new JsonObject
    {
        [".runner"] = Encode([]),
        [".credentials"] = Encode([]),
    });

    private static string Encode(JsonObject value) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(value.ToJsonString()));
}
