using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Scaling.Pools;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

public sealed class PoolStoreTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task APoolIsReadWithItsDefaultsAndItsTemplateUntouched(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var made = await shop.AddPoolAsync(more: """
            , "warm":{"standby":2},
              "template":{"spec":{"newFieldFromK8s140":{"a":1.50},
                "containers":[{"name":"runner","resources":{"limits":{"cpu":"1000m","memory":"1024Mi"}}}]}}
            """);
        Assert.Equal(0, (int?)made["spec"]!["warm"]!["idle"]);
        Assert.Equal(0, (int?)made["spec"]!["priority"]);
        Assert.Equal(
            "1000m", (string?)made["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"]!["limits"]!["cpu"]);
        var pool = shop.Pools.Pools.Single();
        Assert.Null(pool.Problem);
        Assert.Equal((2, 20), (pool.Pool!.Warm.Standby, pool.Pool.MaxRunners));
        Assert.Contains(
            "newFieldFromK8s140", shop.Pools.ShapeOf(shop.Key())!.ForSlot(0).ToJsonString(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APoolThatNestsWithoutEndIsInvalidByItself(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var deep = (JsonNode)1;
        for (var level = 0; level < 70; level++)
            deep = new JsonObject { ["a"] = deep };
        var pool = NamespaceRig.Pool("deep");
        pool["spec"]!["template"] = new JsonObject { ["spec"] = new JsonObject { ["x"] = deep } };
        await shop.Cluster.Http.PostAsync(shop.PoolPath, pool, Stop);
        await shop.AddPoolAsync("good");
        await UntilAsync("both are known", () => Task.FromResult(shop.Pools.Pools.Length == 2));

        await using var restarted = shop.Again();
        await restarted.StartAsync();
        foreach (var seen in (NamespaceRig[])[shop, restarted])
        {
            Assert.Equal(["deep", "good"], seen.Pools.Pools.Select(p => p.Key.Name));
            Assert.Contains("levels", seen.Pools.Pools[0].Problem!.Message, StringComparison.Ordinal);
            Assert.Null(seen.Pools.Pools[1].Problem);
        }
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task TheSchemaRefusesWhatBreaksIt(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        foreach (var (field, value) in new[]
        {
            ("limits", """{"maxRunners":-1}"""), ("limits", "{}"), ("labels", "[]"), ("labels", """["a,b"]"""),
            ("warm", """{"schedules":[{"days":["Monday"],"from":"08:00","to":"09:00","standby":1}]}"""),
            ("deadlines", """{"start":"ten minutes"}"""), ("builder", """{"mode":"Docker"}"""), ("template", "[]"),
        })
        {
            var pool = NamespaceRig.Pool("broken");
            pool["spec"]![field] = JsonNode.Parse(value);
            await RefusalAsync(422, "Invalid", () => shop.Cluster.Http.PostAsync(shop.PoolPath, pool, Stop));
        }
    }

    /// <summary>The sandbox runs no rules: its pools are as old as those that were made before a rule.</summary>
    [Fact]
    public async Task APoolThatIsOlderThanARuleIsFoundByTheReader()
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, ClusterFixture.Sandbox);
        await shop.AddPoolAsync(more: """, "warm":{"standby":21}""");
        var pool = shop.Pools.Pools.Single();
        Assert.Null(pool.Pool);
        Assert.Equal(ProblemReason.SpecInvalid, pool.Problem!.Reason);
        Assert.Null(shop.Pools.ShapeOf(shop.Key()));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AReportBecomesTheStatusAndNothingElseChanges(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var made = await shop.AddPoolAsync();
        Assert.True(await shop.Pools.ReportAsync(shop.Key(), Report(true, 4), Stop));
        var written = await shop.Cluster.Http.GetAsync($"{shop.PoolPath}/linux", Stop);
        Assert.Equal(4, (int?)written["status"]!["runners"]!["total"]);
        Assert.Equal("True", (string?)written["status"]!["conditions"]![0]!["status"]);
        Assert.Equal(made["spec"]!.ToJsonString(), written["spec"]!.ToJsonString());
        Assert.Equal((long?)made["metadata"]!["generation"], (long?)written["metadata"]!["generation"]);

        Assert.True(await shop.Pools.ReportAsync(shop.Key(), Report(true, 4), Stop));
        var scale = await shop.Cluster.Http.GetAsync($"{shop.PoolPath}/linux/scale", Stop);
        Assert.Equal((20, 4), ((int?)scale["spec"]!["replicas"], (int?)scale["status"]!["replicas"]));
        Assert.Equal(
            (string?)written["metadata"]!["resourceVersion"],
            (string?)(
                await shop.Cluster.Http.GetAsync($"{shop.PoolPath}/linux", Stop))["metadata"]!["resourceVersion"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AReportThatComesTooSoonIsWrittenLater(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await shop.AddPoolAsync();
        for (var busy = 1; busy <= 5; busy++)
            Assert.True(await shop.Pools.ReportAsync(shop.Key(), Report(busy < 5, busy), Stop));
        await UntilAsync("the last report is there", async () =>
        {
            var status = (await shop.Cluster.Http.GetAsync($"{shop.PoolPath}/linux", Stop))["status"]!;
            return (int?)status["runners"]!["busy"] == 5 && (string?)status["conditions"]![0]!["status"] == "False";
        });
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ChangesOfTheSpecAreToldAndThoseOfTheStatusAreNot(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await shop.AddPoolAsync();
        var told = 0;
        shop.Pools.Changed += _ => Interlocked.Increment(ref told);
        Assert.True(await shop.Pools.ReportAsync(shop.Key(), Report(true, 1), Stop));
        await shop.Cluster.Http.PatchAsync(
            $"{shop.PoolPath}/linux", Json("""{"spec":{"limits":{"maxRunners":7}}}"""), KubeHttp.MergePatchType, Stop);
        await UntilAsync(
            "the new limit is known", () => Task.FromResult(shop.Pools.Pools.Single().Pool!.MaxRunners == 7));
        Assert.Equal(1, told);

        await shop.Cluster.Http.DeleteAsync($"{shop.PoolPath}/linux", null, Stop);
        await UntilAsync("the pool is gone", () => Task.FromResult(shop.Pools.Pools.IsEmpty));
        await UntilAsync("it was told", () => Task.FromResult(Volatile.Read(ref told) == 2));
        Assert.False(await shop.Pools.ReportAsync(shop.Key(), Report(true, 2), Stop));
    }

    private static PoolReport Report(bool ready, int busy) => new()
    {
        Generation = 1,
        Conditions = [new PoolCondition("Ready", ready, ready ? "Fine" : "Broken", "A sentence.")],
        Runners = new RunnerCounts(0, 0, 0, busy, 0),
    };
}
