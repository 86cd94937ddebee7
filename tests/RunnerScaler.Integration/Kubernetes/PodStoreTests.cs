using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using static RunnerScaler.Integration.Cluster.TestCluster;
using KubeHttp = RunnerScaler.Sandbox.Cluster.Nodes.KubeHttp;

namespace RunnerScaler.Integration.Kubernetes;

public sealed class PodStoreTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task TheNameOfASlotIsTakenOnce(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var pool = await shop.AddPoolAsync();
        var first = await shop.Pods.CreateAsync(shop.Key(), 3, Stop);
        Assert.IsType<CreateResult.AlreadyExists>(await shop.Pods.CreateAsync(shop.Key(), 3, Stop));

        var pod = await shop.SeenAsync(3);
        Assert.Equal(Assert.IsType<CreateResult.Created>(first).Uid, pod.Uid);
        Assert.Equal(shop.Pools.Pools.Single().Pool!.Revision, pod.Revision);
        Assert.Equal((PodPhase.Pending, null, false), (pod.Phase, pod.ClaimAnnotation, pod.Protected));
        var there = await shop.Cluster.Http.GetAsync($"{shop.Cluster.Pods}/linux-3", Stop);
        var owner = there["metadata"]!["ownerReferences"]![0]!;
        Assert.Equal((string?)pool["metadata"]!["uid"], (string?)owner["uid"]);
        Assert.False((bool?)there["spec"]!["automountServiceAccountToken"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APodOfSomebodyElseIsNotTakenForOurs(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await shop.AddPoolAsync();
        await shop.Cluster.AddPodAsync("linux-0");
        var result = Assert.IsType<CreateResult.Foreign>(await shop.Pods.CreateAsync(shop.Key(), 0, Stop));
        Assert.Contains("'linux-0'", result.Problem.Message, StringComparison.Ordinal);
        Assert.Empty(shop.Pods.InPool(shop.Key()));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APodWithoutAPoolIsRefused(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        Assert.IsType<CreateResult.Refused>(await shop.Pods.CreateAsync(shop.Key("none"), 0, Stop));
    }

    [Theory, InlineData(ClusterFixture.Real)]
    public async Task APodThatTheServerRefusesSaysWhatToCorrect(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await shop.AddPoolAsync(
            more: """
            , "template":{"spec":{"containers":[{"name":"runner","resources":{"requests":{"cpu":"much"}}}]}}
            """);
        var refused = Assert.IsType<CreateResult.Refused>(await shop.Pods.CreateAsync(shop.Key(), 0, Stop));
        Assert.Equal(ProblemReason.PodRefused, refused.Problem.Reason);
        Assert.Contains("Correct spec.template", refused.Problem.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnIdentityIsGivenOnce(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var pod = await StartAsync(shop);
        var (one, other) = (Grant(pod, 1), Grant(pod, 1) with { At = DateTimeOffset.UnixEpoch });
        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(pod, null, one, Stop));
        Assert.Equal(SetGrantResult.Conflict, await shop.Pods.SetGrantAsync(pod, null, other, Stop));
        pod = await shop.SeenAsync(0, p => p.ClaimAnnotation is not null);
        Assert.Equal(
            ("acme", "app~1/x", 1, one.At), (pod.ClaimAnnotation!.Owner, pod.ClaimAnnotation.Repository,
                pod.ClaimAnnotation.Attempt, pod.ClaimAnnotation.At));
        Assert.Equal(pod.RunnerName(1), pod.ClaimAnnotation.RunnerName);

        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(pod, one, Grant(pod, 2), Stop));
        Assert.Equal(SetGrantResult.Conflict, await shop.Pods.SetGrantAsync(pod, one, Grant(pod, 2), Stop));
        Assert.Equal(
            SetGrantResult.PodGone,
                await shop.Pods.SetGrantAsync(pod with { Uid = "another" }, Grant(pod, 2), one, Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APodThatIsLeavingGetsNoIdentity(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var pod = await StartAsync(shop);
        await shop.Cluster.Http.PostAsync($"{shop.Cluster.Pods}/linux-0/binding", Binding("linux-0", "node-1"), Stop);
        // A real server whose own cache does not show the node yet deletes the pod at once: it knows of no kubelet.
        await shop.SeenAsync(0, p => p.Node is not null);
        Assert.Equal(DeleteResult.Deleted, await shop.Pods.DeleteAsync(pod, false, Stop));
        var leaving = await shop.SeenAsync(0, p => p.DeletingSince is not null);
        Assert.InRange(
            (leaving.DeletingSince!.Value - TimeProvider.System.GetUtcNow()).Duration(), TimeSpan.Zero,
            TimeSpan.FromSeconds(15));
        Assert.Equal(SetGrantResult.PodGone, await shop.Pods.SetGrantAsync(pod, null, Grant(pod, 1), Stop));

        await shop.Cluster.Http.DeleteAsync($"{shop.Cluster.Pods}/linux-0", Json("""{"gracePeriodSeconds":0}"""), Stop);
        await UntilAsync(
            "the pod is gone", () => Task.FromResult(shop.Pods.Find(shop.Cluster.Namespace, "linux-0") is null));
        Assert.Equal(SetGrantResult.PodGone, await shop.Pods.SetGrantAsync(pod, null, Grant(pod, 1), Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AProtectedPodSaysSoAndAnotherOfItsNameDoesNot(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var pod = await StartAsync(shop);
        Assert.Equal(ProtectResult.PodGone, await shop.Pods.ProtectAsync(pod with { Uid = "another" }, Stop));
        Assert.Equal(ProtectResult.Protected, await shop.Pods.ProtectAsync(pod, Stop));
        await shop.SeenAsync(0, p => p is { Protected: true, HasJob: true });
        var there = await shop.Cluster.Http.GetAsync($"{shop.Cluster.Pods}/linux-0", Stop);
        Assert.Equal("", (string?)there["metadata"]!["annotations"]!["runnerscaler.io/claim"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task APodIsFoundByTheJobThatItHas(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var pod = await StartAsync(shop);
        var job = new Job
        {
            Id = 100_520_616_165,
            RunId = 33_714_470_481,
            Repository = RepositoryKey.Of("https://github.com", "Acme", $"-{new string('x', 98)}-"),
            Name = "build\n<b>\u202e",
            Workflow = "CI / nightly",
            Labels = LabelSet.Of(["linux"]),
            State = JobState.Running,
            QueuedAt = DateTimeOffset.UnixEpoch,
        };
        Assert.Equal(ProtectResult.PodGone, await shop.Pods.DescribeAsync(pod with { Uid = "another" }, job, Stop));
        Assert.Equal(ProtectResult.Protected, await shop.Pods.DescribeAsync(pod, job, Stop));
        await shop.SeenAsync(0, p => p.DescribedJob == job.Id);
        var repository = LabelValue.Fit("acme.-" + new string('x', 98) + "-");
        var found = await shop.Cluster.Http.GetAsync(
            $"{shop.Cluster.Pods}?labelSelector=runnerscaler.io%2Frepository%3D{repository}", Stop);
        var only = Assert.Single(found["items"]!.AsArray())!;
        Assert.Equal("build <b> ", (string?)only["metadata"]!["annotations"]!["runnerscaler.io/job-name"]);
    }

    /// <summary>What a template says of eviction holds for pods without an identity.</summary>
    [Theory, MemberData(nameof(Servers))]
    public async Task APodIsProtectedAsLongAsItHasAnIdentity(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await shop.AddPoolAsync(more: """
            ,"template":{"metadata":{"annotations":{"cluster-autoscaler.kubernetes.io/safe-to-evict":"true"} } }
            """);
        Assert.IsType<CreateResult.Created>(await shop.Pods.CreateAsync(shop.Key(), 0, Stop));
        var pod = await shop.SeenAsync(0);
        Assert.Equal(("true", null), await EvictionAsync(shop));
        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(pod, null, Grant(pod, 1), Stop));
        Assert.Equal(("false", "true"), await EvictionAsync(shop));
        pod = await shop.SeenAsync(0, p => p.Protected);
        Assert.False(pod.HasJob);
        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(pod, Grant(pod, 1), Grant(pod, 2), Stop));
        Assert.Equal(("false", "true"), await EvictionAsync(shop));
        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(pod, Grant(pod, 2), null, Stop));
        Assert.Equal(("true", null), await EvictionAsync(shop));
        await shop.SeenAsync(0, p => !p.Protected);
    }

    private static async Task<(string? Safe, string? Disrupt)> EvictionAsync(NamespaceRig shop)
    {
        var there = await shop.Cluster.Http.GetAsync($"{shop.Cluster.Pods}/linux-0", Stop);
        var annotations = there["metadata"]!["annotations"]!;
        return ((string?)annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"],
            (string?)annotations["karpenter.sh/do-not-disrupt"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task OnlyTheVeryPodThatWasSeenIsDeleted(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var pod = await StartAsync(shop);
        Assert.Equal(DeleteResult.Deleted, await shop.Pods.DeleteAsync(pod with { Uid = "another" }, false, Stop));
        Assert.Equal(SetGrantResult.Written, await shop.Pods.SetGrantAsync(pod, null, Grant(pod, 1), Stop));
        Assert.Equal(DeleteResult.Changed, await shop.Pods.DeleteAsync(pod, onlyIfUnchanged: true, Stop));
        await shop.Cluster.Http.GetAsync($"{shop.Cluster.Pods}/linux-0", Stop);

        var now = await shop.SeenAsync(0, p => p.ClaimAnnotation is not null);
        Assert.Equal(DeleteResult.Deleted, await shop.Pods.DeleteAsync(now, onlyIfUnchanged: true, Stop));
        Assert.Equal(DeleteResult.Deleted, await shop.Pods.DeleteAsync(now, onlyIfUnchanged: true, Stop));
        await UntilAsync("the cache is empty", () => Task.FromResult(shop.Pods.InPool(shop.Key()).Count == 0));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task HowAPodEndedIsSeen(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        await StartAsync(shop);
        await shop.Cluster.Http.PostAsync($"{shop.Cluster.Pods}/linux-0/binding", Binding("linux-0", "node-1"), Stop);
        var status = Json("""
            {"status":{"phase":"Failed","containerStatuses":[{"name":"runner","image":"runner:1","imageID":"",
             "ready":false,"restartCount":0,"state":{"terminated":{"exitCode":137,"reason":"OOMKilled",
             "message":"{\"ranJob\":true}",
             "startedAt":"2030-01-01T00:00:00Z","finishedAt":"2030-01-01T00:01:00Z"}}}]}}
            """);
        await shop.Cluster.Http.PatchAsync(
            $"{shop.Cluster.Pods}/linux-0/status", status, KubeHttp.MergePatchType, Stop);
        var ended = await shop.SeenAsync(0, p => p.HasEnded);
        Assert.Equal(
            new PodExit(137, "OOMKilled", true, new DateTimeOffset(2030, 1, 1, 0, 1, 0, TimeSpan.Zero)), ended.Exit);
        Assert.Equal("node-1", ended.Node);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task WithoutTheLeaseNothingIsWritten(string server)
    {
        await using var shop = await NamespaceRig.OpenAsync(clusters, server);
        var pod = await StartAsync(shop);
        shop.Gate.Close();
        await Assert.ThrowsAsync<LeadershipLostException>(() => shop.Pods.CreateAsync(shop.Key(), 1, Stop));
        await Assert.ThrowsAsync<LeadershipLostException>(() =>
            shop.Pods.SetGrantAsync(pod, null, Grant(pod, 1), Stop));
        await Assert.ThrowsAsync<LeadershipLostException>(() => shop.Pods.ProtectAsync(pod, Stop));
        await Assert.ThrowsAsync<LeadershipLostException>(() => shop.Pods.DeleteAsync(pod, false, Stop));
        var pods = await shop.Cluster.Http.GetAsync(shop.Cluster.Pods, Stop);
        Assert.Equal(
            pod.ResourceVersion, (string?)Assert.Single(pods["items"]!.AsArray())!["metadata"]!["resourceVersion"]);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ManyPodsAreListedPageByPageAndThenWatched(string server)
    {
        await using var first = await NamespaceRig.OpenAsync(clusters, server);
        await first.AddPoolAsync();
        for (var slot = 0; slot < 7; slot++)
            Assert.IsType<CreateResult.Created>(await first.Pods.CreateAsync(first.Key(), slot, Stop));
        await UntilAsync("all are seen by the watch", () => Task.FromResult(first.Pods.InPool(first.Key()).Count == 7));
        await first.Cluster.AddPodAsync("unlabelled");

        await using var second = first.Again(pageSize: 3);
        await second.StartAsync();
        Assert.Equal(Shown(first), Shown(second));
        await first.Pods.DeleteAsync(await first.SeenAsync(4), false, Stop);
        await UntilAsync("the deletion is seen", () => Task.FromResult(second.Pods.InPool(first.Key()).Count == 6));

        // Each process has seen them at its own time.
        PodFacts[] Shown(NamespaceRig shop) =>
            [.. shop.Pods.InPool(first.Key()).OrderBy(p => p.Slot).Select(p => p with { Seen = default })];
    }

    private static async Task<PodFacts> StartAsync(NamespaceRig shop)
    {
        await shop.AddPoolAsync();
        Assert.IsType<CreateResult.Created>(await shop.Pods.CreateAsync(shop.Key(), 0, Stop));
        return await shop.SeenAsync(0);
    }

    private static Grant Grant(PodFacts pod, int attempt) =>
        new(
            new RegistrationTarget(new AccountKey(pod.Pool.Namespace, "app", "https://github.com"), "acme", "app~1/x"),
            Slot.RunnerName(pod.Pool.Name, pod.Slot, pod.Uid, attempt),
            attempt,
            new DateTimeOffset(2030, 1, 1, 0, 0, 0, 123, TimeSpan.Zero));
}
