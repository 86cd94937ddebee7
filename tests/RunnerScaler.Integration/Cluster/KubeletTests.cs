using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>What simulated kubelets do late, or do not do, as real ones.</summary>
public sealed class KubeletTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task AProgramIsAtWorkBeforeItsKubeletSaysSo(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var program = new ScriptedProgram();
        await using var nodes = new RunningNodes(
            cluster, program, edit: o => o with { Report = Delay.Always(TimeSpan.FromHours(1)) });
        await cluster.AddPodAsync("linux-7");
        Assert.Equal("linux-7", (await program.NextAsync()).Name);
        var pod = await GetAsync(cluster);
        Assert.Equal(("Pending", "True"), (pod.Text("status", "phase"), Conditions.Of(pod, "PodScheduled")));
        Assert.Null(pod.Text("status", "startTime"));
        await cluster.Http.DeleteAsync($"{cluster.Pods}/linux-7", null, Stop);
        await UntilAsync("it was asked to stop", () => Task.FromResult(program.WasStopped));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ANodeRefusesAPod(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await using var nodes = new RunningNodes(
            cluster, new ScriptedProgram(), edit: o => o with { RejectedShare = 1 });
        await cluster.AddPodAsync("linux-7");
        await UntilAsync("it has failed", async () => (await GetAsync(cluster)).Text("status", "phase") == "Failed");
        var status = (await GetAsync(cluster))["status"];
        Assert.Equal("OutOfcpu", status.Text("reason"));
        Assert.StartsWith("Pod was rejected: ", status.Text("message"), StringComparison.Ordinal);
        Assert.Null(status.At("containerStatuses"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ANodesClockIsItsOwn(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var program = new ScriptedProgram();
        await using var nodes = new RunningNodes(cluster, program, edit: o => o with
        {
            Nodes = [.. o.Nodes.Select(n => n with { ClockAhead = TimeSpan.FromMinutes(30) })],
        });
        await cluster.AddPodAsync("linux-7");
        await program.NextAsync();
        await UntilAsync("it runs", async () => (await GetAsync(cluster)).Text("status", "phase") == "Running");
        var pod = await GetAsync(cluster);
        Assert.True(
            pod.Time("status", "startTime") - pod.Time("metadata", "creationTimestamp") > TimeSpan.FromMinutes(29));
    }

    private static Task<JsonObject> GetAsync(TestCluster cluster) =>
        cluster.Http.GetAsync($"{cluster.Pods}/linux-7", Stop);
}
