using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Integration.Node;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Integration.Workflow;

/// <summary>What a workflow talks to but its daemon: a repository, GitHub's cache, a registry, the cluster.</summary>
internal sealed class WorkflowRig : IAsyncDisposable
{
    private const string Token = "ghs_of_a_test";
    private readonly RealNode node;
    private readonly Relay relay;
    private readonly WebApplication web;
    private readonly string commit;

    private WorkflowRig(RealNode node, Relay relay, RegistryBox registry, WebApplication web, string commit) =>
        (this.node, this.relay, Registry, this.web, this.commit) = (node, relay, registry, web, commit);

    public RegistryBox Registry { get; }

    public CacheEndpoint Cache { get; private init; } = new();

    /// <summary>The log of the last job.</summary>
    public string Log { get; private set; } = "";

    /// <summary>What <c>build-and-deploy.yaml</c> makes.</summary>
    public string Image => $"{RegistryBox.Host}/{World.Repository}:{commit}";

    public static async Task<WorkflowRig> StartAsync(RealNode node, string folder)
    {
        var repository = Directory.CreateDirectory(Path.Combine(folder, "repository")).FullName;
        await File.WriteAllTextAsync(Path.Combine(repository, "Dockerfile"), await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Workflow", "app.dockerfile")));
        File.Copy(
            Path.Combine(Example.Root, "deploy/examples/workflows/docker-bake.hcl"),
            Path.Combine(repository, "docker-bake.hcl"));
        File.Copy("/bin/busybox", Path.Combine(repository, "busybox"));
        var basic = Convert.ToBase64String(Encoding.ASCII.GetBytes($"x-access-token:{Token}"));
        var git = new GitEndpoint(repository, World.Repository, basic);
        var (commit, cache) = (await git.CommitAsync(), new CacheEndpoint());
        var registry = await RegistryBox.StartAsync(Path.Combine(folder, "registry"), node.SecondAddress);
        registry.Announce(node.RegistriesFolder, node.SecondAddress);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(node.HostAddress, 0);
        });
        var web = builder.Build();
        git.Map(web);
        cache.Map(web);
        var relay = new Relay(new(node.HostAddress, 443), node.Server.Address);
        var forge = new WorkflowRig(node, relay, registry, web, commit) { Cache = cache };
        web.MapPost("/log", async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            forge.Log = await reader.ReadToEndAsync(http.RequestAborted);
        });
        // metadata-action asks when the commit was made.
        web.MapGet($"/api/v3/repos/{World.Repository}/commits/{commit}", () => Results.Json(new
        {
            sha = commit,
            commit = new { committer = new { date = "2026-01-01T00:00:00Z" } },
        }));
        web.MapGet($"/api/v3/repos/{World.Repository}", () => Results.Json(new
        {
            full_name = World.Repository,
            default_branch = "main",
        }));
        await web.StartAsync(TestContext.Current.CancellationToken);
        return forge;
    }

    /// <summary>A workflow of one job as the runner in the pod is given it.</summary>
    /// <param name="file">One of the shipped, or one beside the tests.</param>
    public string Workflow(string file)
    {
        var shipped = Path.Combine(Example.Root, "deploy/examples/workflows", file);
        var workflow = Manifest.Yaml(File.ReadAllText(
            File.Exists(shipped) ? shipped : Path.Combine(AppContext.BaseDirectory, "Workflow", file)));
        var steps = workflow["jobs"]!.AsObject().Single().Value!["steps"]!.DeepClone().AsArray();
        var server = web.Urls.Single();
        return new JsonObject
        {
            ["steps"] = steps,
            ["env"] = workflow["env"]?.DeepClone(),
            ["actions"] = Actions(steps),
            ["secrets"] = new JsonObject { ["GITHUB_TOKEN"] = RegistryBox.Password },
            ["github"] = new JsonObject
            {
                ["actor"] = RegistryBox.User,
                ["repository"] = World.Repository,
                ["repository_owner"] = World.Repository.Split('/')[0],
                ["sha"] = commit,
                ["ref"] = "refs/heads/main",
                ["ref_name"] = "main",
                ["ref_type"] = "branch",
                ["event_name"] = "push",
                ["server_url"] = server,
                ["api_url"] = $"{server}/api/v3",
                ["token"] = Token,
            },
            ["actionVariables"] = new JsonObject
            {
                ["ACTIONS_RUNTIME_TOKEN"] = RuntimeToken,
                ["ACTIONS_RESULTS_URL"] = server + "/",
                ["ACTIONS_CACHE_SERVICE_V2"] = "True",
            },
        }.ToJsonString();
    }

    /// <summary>The pods' names for its servers.</summary>
    public JsonArray HostAliases => new(
        new JsonObject { ["ip"] = $"{node.HostAddress}", ["hostnames"] = new JsonArray(RealApiServer.InCluster) },
        new JsonObject { ["ip"] = $"{node.SecondAddress}", ["hostnames"] = new JsonArray(RegistryBox.Host) });

    public async ValueTask DisposeAsync()
    {
        await web.DisposeAsync();
        await relay.DisposeAsync();
        await Registry.DisposeAsync();
    }

    /// <summary>A token that says for which branch it may write; BuildKit does not look at its signature.</summary>
    private static string RuntimeToken => string.Join('.', ((string[])[
        """{"alg":"none"}""",
        """{"ac":"[{\"Scope\":\"refs/heads/main\",\"Permission\":3}]","nbf":1700000000,"exp":4000000000}""",
        "none",
    ]).Select(part => System.Buffers.Text.Base64Url.EncodeToString(Encoding.ASCII.GetBytes(part))));

    // The image brings archives by commit, and the list says which of them is the newest of a tag.
    private static JsonObject Actions(JsonArray steps)
    {
        var archives = File.ReadLines(Path.Combine(Example.Root, "deploy/images/actions.txt"))
            .Select(line => line.Split([' ', '@'], StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts is [_, _, "#", _]).ToList();
        return new(
            from step in steps
            let uses = (string?)step!["uses"]
            where uses is not null
            let wanted = uses.Split('@')
            let release = $"{wanted[1]}."
            let found = archives.First(a => a[0] == wanted[0] && a[3].StartsWith(release, StringComparison.Ordinal))
            select KeyValuePair.Create(uses, (JsonNode?)$"{wanted[0].Replace('/', '_')}/{found[1]}"));
    }
}
