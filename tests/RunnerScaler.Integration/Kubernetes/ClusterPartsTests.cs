using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Claims;
using RunnerScaler.Kubernetes.Leading;
using RunnerScaler.Scaling.Runners;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Kubernetes;

public sealed class ClusterPartsTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task TheLeaseIsWonRenewedAndHandedOn(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var (a, b) = (new Candidate("a", shop), new Candidate("b", shop));
        await UntilAsync("a leads", () => Task.FromResult(a.Gate.IsOpen));
        b.Start();
        await UntilAsync("a has renewed", async () => await LeaseAsync(shop) is var lease
            && (string?)lease["renewTime"] != (string?)lease["acquireTime"]);
        Assert.False(b.Gate.IsOpen);
        await a.StopAsync();
        Assert.False(a.Gate.IsOpen);
        await UntilAsync("b leads", () => Task.FromResult(b.Gate.IsOpen));
        var now = await LeaseAsync(shop);
        Assert.Equal(("b", 1), ((string?)now["holderIdentity"], (int?)now["leaseTransitions"]));
        await b.StopAsync();
        Assert.True(string.IsNullOrEmpty((string?)(await LeaseAsync(shop))["holderIdentity"]));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AStaleLeaseIsAConflict(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var store = new ApiLeaseStore(shop.Api, shop.Cluster.Namespace, "l", () => null);
        Assert.IsType<LeaseAnswer.Missing>(await store.GetAsync(Stop));
        var now = TimeProvider.System.GetUtcNow();
        var record = new LeaseRecord("a", TimeSpan.FromSeconds(15), now, now, 0, "");
        var made = Assert.IsType<LeaseAnswer.Is>(await store.CreateAsync(record, Stop)).Record;
        Assert.IsType<LeaseAnswer.Conflict>(await store.CreateAsync(record, Stop));
        Assert.Equal(made, Assert.IsType<LeaseAnswer.Is>(await store.GetAsync(Stop)).Record);
        Assert.IsType<LeaseAnswer.Is>(await store.UpdateAsync(made with { Transitions = 1 }, Stop));
        Assert.IsType<LeaseAnswer.Conflict>(await store.UpdateAsync(made with { Holder = "b" }, Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ReplicasAgreeOnTheClaimDoorsKeys(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var replicas = Enumerable.Range(0, 3).Select(_ => Certificates(shop)).ToList();
        await Task.WhenAll(replicas.Select(r => r.EnsureAsync(Stop)));
        Assert.Single(replicas.Select(r => r.Endpoint.CaPem).Distinct());
        Assert.Single(replicas.Select(r => r.Current.Thumbprint).Distinct());
        Assert.True(replicas[0].Current.MatchesHostname("runnerscaler.ops.svc"));
        Assert.True(replicas[0].Current.MatchesHostname("extra.example"));

        // Somebody damages the Secret: it is made anew, and who looks again takes it over.
        await shop.Cluster.Http.PatchAsync(
            $"/api/v1/namespaces/{shop.Cluster.Namespace}/secrets/claims",
            Json("""{"data":{"ca.crt":"eA=="}}"""),
            RunnerScaler.Sandbox.Cluster.Nodes.KubeHttp.MergePatchType,
            Stop);
        var changed = 0;
        foreach (var replica in replicas)
            replica.Changed += () => changed++;
        await Task.WhenAll(replicas.Select(r => r.EnsureAsync(Stop)));
        Assert.Equal(3, changed);
        Assert.Single(replicas.Select(r => r.Endpoint.CaPem).Distinct());
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task SecretsAreReadOrSaidToBeMissing(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var source = new SecretSource(shop.Api, TimeProvider.System);
        Assert.IsType<SecretResult.Missing>(await source.ReadAsync(shop.Cluster.Namespace, "none", Stop));
        await shop.Cluster.Http.PostAsync(
            $"/api/v1/namespaces/{shop.Cluster.Namespace}/secrets",
            Json("""{"metadata":{"name":"app"},"data":{"token":"YWJj"}}"""),
            Stop);
        var found = Assert.IsType<SecretResult.Found>(await source.ReadAsync(shop.Cluster.Namespace, "app", Stop));
        Assert.Equal("abc", Encoding.UTF8.GetString(found.Data["token"].Span));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ATokenOfAPodIsReviewed(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var pod = await shop.Cluster.AddPodAsync("linux-7");
        var uid = (string)pod["metadata"]!["uid"]!;
        var reviewer = new TokenReviewer(
            shop.Api, Keys(shop), shop.Pods, TimeProvider.System, NullLogger<TokenReviewer>.Instance);
        Assert.Equal(
            new ReviewResult.Pod(new PodIdentity(shop.Cluster.Namespace, "linux-7", uid)),
            await reviewer.ReviewAsync(await TokenAsync(shop, uid, "runnerscaler"), Stop));
        Assert.IsType<ReviewResult.Rejected>(
            await reviewer.ReviewAsync(await TokenAsync(shop, uid, "somebody-else"), Stop));
        Assert.IsType<ReviewResult.Rejected>(await reviewer.ReviewAsync("nonsense", Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ATokenOfAPodIsVerifiedWithTheKeysThatTheClusterPublishes(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var uid = (string)(await shop.Cluster.AddPodAsync("linux-7"))["metadata"]!["uid"]!;
        var keys = await Keys(shop).FindAsync(Stop);
        Assert.NotNull(keys);
        var token = await TokenAsync(shop, uid, "runnerscaler");
        Assert.Equal(
            new TokenProof.Genuine(new PodIdentity(shop.Cluster.Namespace, "linux-7", uid)),
            await keys.ProveAsync(token, TimeProvider.System.GetUtcNow()));
        Assert.IsType<TokenProof.Unproven>(
            await keys.ProveAsync(await TokenAsync(shop, uid, "somebody-else"), TimeProvider.System.GetUtcNow()));
        var parts = token.Split('.');
        var other = (await TokenAsync(shop, uid, "vault")).Split('.');
        Assert.IsType<TokenProof.Forged>(
            await keys.ProveAsync($"{parts[0]}.{other[1]}.{parts[2]}", TimeProvider.System.GetUtcNow()));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task EventsAboutAPoolAndAPodArePublishedOnce(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await shop.AddPoolAsync();
        var sink = new EventSink(
            shop.Api,
            "test",
            shop.Pools.UidOf,
            shop.Gate,
            new Random(1),
            TimeProvider.System,
            NullLogger<EventSink>.Instance);
        using var stop = new CancellationTokenSource();
        var run = sink.RunAsync(stop.Token);
        var pod = new PodFacts
        {
            Pool = shop.Key(),
            Slot = 3,
            Uid = "0a1b2c3d-0000",
            ResourceVersion = "1",
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        sink.Publish(shop.Key(), true, "PodRefused", "Over quota.");
        for (var i = 0; i < 2; i++)
            sink.Publish(pod, false, "RunnerRetired", "No job needed it.");
        sink.Publish(shop.Key(), true, "Last", "All before it are there.");
        var events = $"/apis/events.k8s.io/v1/namespaces/{shop.Cluster.Namespace}/events";
        JsonNode[] told = [];
        await UntilAsync("the Events are there", async () =>
        {
            told = [.. (await shop.Cluster.Http.GetAsync(events, Stop))["items"]!.AsArray().OfType<JsonNode>()];
            return told.Any(e => (string?)e["reason"] == "Last");
        });
        Assert.Contains(told, e => (string?)e["reason"] == "PodRefused");
        var regarding = Assert.Single(told, e => (string?)e["reason"] == "RunnerRetired")["regarding"]!;
        Assert.Equal(
            ("Pod", "linux-3", "0a1b2c3d-0000"),
            ((string?)regarding["kind"], (string?)regarding["name"], (string?)regarding["uid"]));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private static ClusterKeySource Keys(NamespaceRig shop) =>
        new(shop.Api, TimeProvider.System, NullLogger<ClusterKeySource>.Instance);

    private static ClaimCertificates Certificates(NamespaceRig shop) => new(
        shop.Api,
        shop.Cluster.Namespace,
        "claims",
        new Uri("https://runnerscaler.ops.svc:8443/claims"),
        ["extra.example"],
        new Heartbeats(TimeProvider.System),
        new Random(1),
        TimeProvider.System,
        NullLogger<ClaimCertificates>.Instance);

    private static async Task<string> TokenAsync(NamespaceRig shop, string podUid, string audience)
    {
        var request = Json($$$"""
            {"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["{{{audience}}}"],
             "expirationSeconds":3600,
             "boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"linux-7","uid":"{{{podUid}}}"} } }
            """);
        var made = await shop.Cluster.Http.PostAsync($"{shop.Cluster.Accounts}/{Account}/token", request, Stop);
        return (string)made["status"]!["token"]!;
    }

    private static async Task<JsonNode> LeaseAsync(NamespaceRig shop) =>
        (await shop.Cluster.Http.GetAsync($"{shop.Cluster.Leases}/runnerscaler", Stop))["spec"]!;

    private sealed class Candidate
    {
        private static readonly LeaseTimes Times =
            new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(0.3));

        private readonly CancellationTokenSource stop = new();
        private readonly LeaseElection election;
        private Task? run;

        public Candidate(string name, NamespaceRig shop)
        {
            Gate = new LeaderGate(TimeProvider.System);
            election = new LeaseElection(
                name,
                new ApiLeaseStore(shop.Api, shop.Cluster.Namespace, "runnerscaler", () => null),
                Gate,
                Times,
                new SilentMetrics(),
                new Heartbeats(TimeProvider.System),
                new Random(1),
                TimeProvider.System,
                NullLogger<LeaseElection>.Instance);
            if (name == "a")
                Start();
        }

        public LeaderGate Gate { get; }

        public void Start() => run = election.RunAsync(stop.Token);

        public async Task StopAsync()
        {
            await stop.CancelAsync();
            await run!;
        }
    }
}
