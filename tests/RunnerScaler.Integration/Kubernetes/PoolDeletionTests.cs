using RunnerScaler.Control.Ports;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>
/// What becomes of pods when their pool is deleted, in each way that there is: a pod that was given an identity stays,
/// and nothing waits for it. With the garbage collector of a real cluster where its program is there.
/// </summary>
public sealed class PoolDeletionTests(ClusterFixture clusters)
{
    public static TheoryData<string, string> Ways
    {
        get
        {
            var ways = new TheoryData<string, string>();
            foreach (var way in (string[])["Background", "Foreground", "Orphan"])
            {
                ways.Add(ClusterFixture.Sandbox, way);
                ways.Add(ClusterFixture.Real, way);
            }
            return ways;
        }
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task APodWithAnIdentityStaysWhenItsPoolGoes(string server, string way)
    {
        Assert.SkipWhen(
            server == ClusterFixture.Real && RealApiServer.WhyNot("kube-controller-manager") is not null,
            RealApiServer.WhyNot("kube-controller-manager") ?? "");
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await using var collector = server == ClusterFixture.Real ? await clusters.CollectAsync() : null;
        var uid = (string?)(await shop.AddPoolAsync())["metadata"]!["uid"];
        var (given, returned, plain) = (await AddAsync(shop, 0), await AddAsync(shop, 1), await AddAsync(shop, 2));
        Assert.Equal((uid, uid), (given.PoolUid, plain.PoolUid));
        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(given, null, Grant(given), Stop));
        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(returned, null, Grant(returned), Stop));
        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(returned, Grant(returned), null, Stop));
        var marked = await shop.Cluster.Http.GetAsync($"{shop.Cluster.Pods}/linux-0", Stop);
        Assert.Empty(marked.Objects("metadata", "ownerReferences"));

        var options = Json($$"""{"propagationPolicy":"{{way}}"}""");
        await shop.Cluster.Http.DeleteAsync($"{shop.PoolPath}/linux", options, Stop);
        await UntilAsync("the pool is gone", () => Task.FromResult(shop.Pools.UidOf(shop.Key()) is null));
        await UntilAsync("pods without an identity are without an owner", async () =>
        {
            var left = (await shop.Cluster.Http.GetAsync(shop.Cluster.Pods, Stop)).Objects("items").ToList();
            return way == "Orphan"
                ? left.TrueForAll(p => !p.Objects("metadata", "ownerReferences").Any())
                : left.Count == 1;
        });
        var stays = await shop.SeenAsync(0);
        Assert.Equal((given.Uid, uid, null), (stays.Uid, stays.PoolUid, stays.DeletingSince));
    }

    private static async Task<PodFacts> AddAsync(NamespaceRig shop, int slot)
    {
        await shop.Pods.CreateAsync(shop.Key(), slot, Stop);
        return await shop.SeenAsync(slot);
    }

    private static Grant Grant(PodFacts pod) => new(
        new(new("ns", "app", "https://github.com"), "acme", null),
        Slot.RunnerName(pod.Pool.Name, pod.Slot, pod.Uid, 1), 1, DateTimeOffset.UnixEpoch);
}
