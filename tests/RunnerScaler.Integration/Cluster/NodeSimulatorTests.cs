using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>The simulated nodes, the same at the sandbox's API server and at a real one.</summary>
public sealed class NodeSimulatorTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task APodRunsItsProgramAndSucceeds(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var program = new ScriptedProgram();
        await using var nodes = new RunningNodes(cluster, program);
        await cluster.AddPodAsync("linux-7");
        var context = await program.NextAsync();
        await UntilPhaseAsync(cluster, "linux-7", "Running");
        var pod = await GetAsync(cluster, "linux-7");
        Assert.Equal(("True", "True"), (Conditions.Of(pod, "PodScheduled"), Conditions.Of(pod, "Ready")));
        Assert.Equal(pod.Text("metadata", "uid"), context.Uid);
        Assert.Equal("linux-7", context.Env["POD_NAME"]);

        program.End(PodExit.Of(0, """{"ranJob":true,"exitCode":0}"""));
        await UntilPhaseAsync(cluster, "linux-7", "Succeeded");
        var terminated = (await GetAsync(cluster, "linux-7")).Objects("status", "containerStatuses").Single()
            .At("state", "terminated");
        Assert.Equal((0, "Completed"), (terminated.Number("exitCode"), terminated.Text("reason")));
        Assert.Equal("""{"ranJob":true,"exitCode":0}""", terminated.Text("message"));
    }

    [Fact]
    public async Task ASidecarStartsFirstAndEndsLast()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        var program = new ScriptedProgram();
        await using var nodes = new RunningNodes(cluster, program, sidecars: Delay.Milliseconds(5, 10));
        var pod = Pod("linux-7");
        pod["spec"]!["initContainers"] = new JsonArray(
            Json("""{"name":"buildkitd","image":"b:1","restartPolicy":"Always"}"""));
        // Each state is a message of its own, however short it was.
        var before = await cluster.Http.GetAsync(cluster.Pods, Stop);
        var states = StatesUntilAsync(cluster, before.Text("metadata", "resourceVersion")!, "Succeeded");
        await cluster.Http.PostAsync(cluster.Pods, pod, Stop);
        await program.NextAsync();
        await UntilPhaseAsync(cluster, "linux-7", "Running");
        Assert.NotNull(SidecarState(await GetAsync(cluster, "linux-7")).At("running"));

        program.End(PodExit.Of(0));
        var between = (await states).First(p => p.Objects("status", "containerStatuses")
            .Any(c => c.At("state", "terminated") is not null));
        Assert.Equal("Running", between.Text("status", "phase"));
        Assert.NotNull(SidecarState(between).At("running"));

        // With an error, as BuildKit does: the pod is judged by its main containers alone.
        Assert.Equal(1, SidecarState(await GetAsync(cluster, "linux-7")).Number("terminated", "exitCode"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ADeletedPodIsAskedToStopAndThenGone(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var program = new ScriptedProgram();
        await using var nodes = new RunningNodes(cluster, program);
        await cluster.AddPodAsync("a");
        await program.NextAsync();
        await UntilPhaseAsync(cluster, "a", "Running");
        await cluster.Http.DeleteAsync($"{cluster.Pods}/a", null, Stop);
        await UntilGoneAsync(cluster, "a");
        Assert.True(program.WasStopped);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AProgramThatIgnoresItsStopIsKilledAfterTheGrace(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var program = new ScriptedProgram { IgnoresStop = true };
        await using var nodes = new RunningNodes(cluster, program);
        await cluster.AddPodAsync("a");
        var context = await program.NextAsync();
        await UntilPhaseAsync(cluster, "a", "Running");
        await cluster.Http.DeleteAsync($"{cluster.Pods}/a", Json("""{"gracePeriodSeconds":1}"""), Stop);
        await UntilGoneAsync(cluster, "a");
        Assert.True(context.Killed.IsCancellationRequested);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task MemoryEvictionAndTheLossOfANodeEndAPodEachInItsWay(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var program = new ScriptedProgram();
        await using var nodes = new RunningNodes(cluster, program);
        foreach (var name in (string[])["oom", "evicted", "lost"])
        {
            await cluster.AddPodAsync(name);
            await program.NextAsync();
            await UntilPhaseAsync(cluster, name, "Running");
        }
        Assert.True(nodes.Simulator.Kill(cluster.Namespace, "oom", PodExit.OutOfMemory));
        await UntilPhaseAsync(cluster, "oom", "Failed");
        var terminated = (await GetAsync(cluster, "oom")).Objects("status", "containerStatuses").Single()
            .At("state", "terminated");
        Assert.Equal((137, "OOMKilled"), (terminated.Number("exitCode"), terminated.Text("reason")));

        Assert.True(nodes.Simulator.Evict(cluster.Namespace, "evicted"));
        await UntilPhaseAsync(cluster, "evicted", "Failed");
        Assert.Equal("Evicted", (await GetAsync(cluster, "evicted")).Text("status", "reason"));

        var loss = nodes.Simulator.LoseNodeAsync(nodes.NodeName, TimeSpan.FromSeconds(1), Stop);
        await UntilPhaseAsync(cluster, "lost", "Unknown");
        await loss;
        await UntilGoneAsync(cluster, "lost");
        await RefusalAsync(404, "NotFound", () => cluster.Http.GetAsync($"/api/v1/nodes/{nodes.NodeName}", Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APodThatFitsNowhereWaitsUntilThereIsRoom(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var program = new ScriptedProgram();
        await using var nodes = new RunningNodes(cluster, program, capacity: 1);
        await cluster.AddPodAsync("a");
        await program.NextAsync();
        await cluster.AddPodAsync("b");
        await UntilAsync("b is unschedulable", async () => (await GetAsync(cluster, "b"))
            .Objects("status", "conditions").Any(c => c.Text("reason") == "Unschedulable"));
        program.End(PodExit.Of(0));
        Assert.Equal("b", (await program.NextAsync()).Name);
    }

    [Fact]
    public async Task ManyMorePodsThanFitAllRunToTheirEndThroughFaults()
    {
        const int count = 100;
        var store = new ObjectStore(TimeProvider.System, new Random(1));
        var faults = new KubeFaults(new Random(2)) { AppliesTo = r => r.User.Name == "nodes" };
        await using var host = await KubeApiHost.StartAsync(
            new KubeApi(store, TimeProvider.System, faults), TimeProvider.System.GetUtcNow());
        var config = Path.GetTempFileName();
        host.WriteKubeConfig(config, "nodes");
        using var cluster = await TestCluster.OpenAsync(config, "many", real: null);
        File.Delete(config);
        (faults.ErrorShare, faults.LostReplyShare, faults.WatchCutShare) = (0.05, 0.05, 0.02);
        var program = new ScriptedProgram();
        await using var nodes = new RunningNodes(cluster, program, capacity: 10);
        for (var i = 0; i < count; i++)
        {
            store.Create(KnownTypes.Pods, "many", Pod($"linux-{i}"));
            program.End(PodExit.Of(0));
        }
        var running = new HashSet<string>();
        for (var i = 0; i < count; i++)
            Assert.True(running.Add((await program.NextAsync()).Name), "a pod was started twice");
        await UntilAsync("all have succeeded", () => Task.FromResult(
            store.List(KnownTypes.Pods).Items.All(p => p.Value.Text("status", "phase") == "Succeeded")));
    }

    /// <summary>What the watch tells of the only pod, from a version on, until it is in a phase.</summary>
    private static async Task<List<JsonObject>> StatesUntilAsync(TestCluster cluster, string version, string phase)
    {
        List<JsonObject> states = [];
        var path = $"{cluster.Pods}?watch=true&resourceVersion={version}";
        await foreach (var change in cluster.Http.WatchAsync(path, Stop))
        {
            states.Add(change["object"]!.AsObject());
            if (states[^1].Text("status", "phase") == phase)
                break;
        }
        return states;
    }

    private static JsonNode? SidecarState(JsonObject pod) =>
        pod.Objects("status", "initContainerStatuses").Single().At("state");

    private static Task UntilPhaseAsync(TestCluster cluster, string name, string phase) =>
        UntilAsync($"{name} is {phase}", async () => (await GetAsync(cluster, name)).Text("status", "phase") == phase);

    private static Task UntilGoneAsync(TestCluster cluster, string name) => UntilAsync($"{name} is gone", async () =>
    {
        try
        {
            await GetAsync(cluster, name);
            return false;
        }
        catch (KubeFailure e) when (e.Code == 404)
        {
            return true;
        }
    });

    private static Task<JsonObject> GetAsync(TestCluster cluster, string name) =>
        cluster.Http.GetAsync($"{cluster.Pods}/{name}", Stop);
}
