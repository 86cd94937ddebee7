using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>Tokens, leases and events, the same at the sandbox's API server and at a real one.</summary>
public sealed class TokenContractTests(ClusterFixture clusters)
{
    private const string Reviews = "/apis/authentication.k8s.io/v1/tokenreviews";

    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task AReviewTellsWhichPodATokenIsBoundTo(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = await cluster.AddPodAsync("linux-7");
        var token = await RequestAsync(cluster, "linux-7", pod.Text("metadata", "uid")!);

        var review = await ReviewAsync(cluster, token, "runnerscaler");
        Assert.True(review.IsTrue("status", "authenticated"));
        var user = review.At("status", "user");
        Assert.Equal($"system:serviceaccount:{cluster.Namespace}:{Account}", user.Text("username"));
        Assert.Equal("linux-7", user.At("extra", "authentication.kubernetes.io/pod-name")![0].Text());
        Assert.Equal(pod.Text("metadata", "uid"), user.At("extra", "authentication.kubernetes.io/pod-uid")![0].Text());
        Assert.Equal("""["runnerscaler"]""", review.At("status", "audiences")!.ToJsonString());
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ATokenIsNotValidForAnotherAudienceOrWhenItIsNone(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = await cluster.AddPodAsync("a");
        var token = await RequestAsync(cluster, "a", pod.Text("metadata", "uid")!);
        foreach (var review in (JsonObject[])[
            await ReviewAsync(cluster, token, "other"), await ReviewAsync(cluster, "nonsense", "runnerscaler")])
        {
            Assert.False(review.IsTrue("status", "authenticated"));
            Assert.False(string.IsNullOrEmpty(review.Text("status", "error")));
        }
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ATokenEndsWithItsPodEvenWhenANewOneHasTheName(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var pod = await cluster.AddPodAsync("a");
        var token = await RequestAsync(cluster, "a", pod.Text("metadata", "uid")!);
        await cluster.Http.DeleteAsync($"{cluster.Pods}/a", null, Stop);
        await cluster.AddPodAsync("a");
        await UntilAsync("the token is refused",
            async () => !(await ReviewAsync(cluster, token, "runnerscaler")).IsTrue("status", "authenticated"));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ATokenIsNotGivenForAnotherPodOrAccount(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await cluster.AddPodAsync("a");
        await RefusalAsync(409, "Conflict", () => RequestAsync(cluster, "a", "00000000-0000-4000-8000-000000000000"));
        await RefusalAsync(404, "NotFound", () => RequestAsync(cluster, "b", "00000000-0000-4000-8000-000000000000"));
        await RefusalAsync(422, "Invalid", () => RequestAsync(cluster, "a", "", seconds: 60));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ALeaseChangesHandsByItsVersion(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var lease = await cluster.Http.PostAsync(cluster.Leases, Lease("2026-01-01T00:00:00.000000Z"), Stop);
        lease["spec"]!["holderIdentity"] = "b";
        var taken = await cluster.Http.PutAsync($"{cluster.Leases}/runnerscaler", lease, Stop);
        Assert.Equal("b", taken.Text("spec", "holderIdentity"));
        await RefusalAsync(409, "Conflict", () => cluster.Http.PutAsync($"{cluster.Leases}/runnerscaler", lease, Stop));
        lease["metadata"]!.AsObject().Remove("resourceVersion");
        await RefusalAsync(422, "Invalid", () => cluster.Http.PutAsync($"{cluster.Leases}/runnerscaler", lease, Stop));
    }

    [Theory]
    [InlineData(ClusterFixture.Sandbox, "2026-01-01T00:00:00Z")]
    [InlineData(ClusterFixture.Real, "2026-01-01T00:00:00Z")]
    [InlineData(ClusterFixture.Sandbox, "2026-01-01T00:00:00.1234567Z")]
    [InlineData(ClusterFixture.Real, "2026-01-01T00:00:00.1234567Z")]
    public async Task ALeaseTimeHasExactlySixDecimals(string server, string time)
    {
        using var cluster = await clusters.OpenAsync(server);
        await RefusalAsync(400, "BadRequest", () => cluster.Http.PostAsync(cluster.Leases, Lease(time), Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AnEventOfTheNewApiIsAnEventOfTheOldOne(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var events = $"/apis/events.k8s.io/v1/namespaces/{cluster.Namespace}/events";
        var body = Json($$$"""
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"e"},"type":"Normal","reason":"Created",
             "action":"Create","note":"a runner","eventTime":"2026-01-01T00:00:00.000000Z",
             "reportingController":"runnerscaler.io/controller","reportingInstance":"one",
             "regarding":{"apiVersion":"v1","kind":"Pod","name":"a","namespace":"{{{cluster.Namespace}}}"} }
            """);
        var created = await cluster.Http.PostAsync(events, body, Stop);
        Assert.Equal("a runner", created.Text("note"));
        var core = await cluster.Http.GetAsync(
            $"/api/v1/namespaces/{cluster.Namespace}/events?fieldSelector=involvedObject.name%3Da", Stop);
        var item = Assert.Single(core.Objects("items"));
        Assert.Equal(("a runner", "runnerscaler.io/controller"),
            (item.Text("message"), item.Text("reportingComponent")));

        body["metadata"]!["name"] = "f";
        body.Remove("action");
        await RefusalAsync(422, "Invalid", () => cluster.Http.PostAsync(events, body, Stop));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task TheControllerMayAskWhatItMayDo(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var answer = await cluster.Http.PostAsync("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Json("""
            {"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview",
             "spec":{"resourceAttributes":{"verb":"create","resource":"pods","namespace":"default"}}}
            """), Stop);
        Assert.True(answer.IsTrue("status", "allowed"));
    }

    /// <summary>Rules that hold everywhere are told of a namespace that does not exist, and cannot.</summary>
    [Theory, MemberData(nameof(Servers))]
    public async Task TheControllerMayAskForItsRules(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var answer = await cluster.Http.PostAsync("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", Json("""
            {"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"no.namespace"}}
            """), Stop);
        using var status = System.Text.Json.JsonDocument.Parse(answer["status"]!.ToJsonString());
        Assert.True(GrantedRules.Read(status.RootElement).Cover(new("", new("create", "pods", "", ""))));
    }

    private static JsonObject Lease(string time) => Json($$$"""
        {"metadata":{"name":"runnerscaler"},
         "spec":{"holderIdentity":"a","leaseDurationSeconds":15,"renewTime":"{{{time}}}"} }
        """);

    private static async Task<string> RequestAsync(TestCluster cluster, string pod, string uid, int seconds = 3600)
    {
        var answer = await cluster.Http.PostAsync($"{cluster.Accounts}/{Account}/token", Json($$$"""
            {"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["runnerscaler"],
             "expirationSeconds":{{{seconds}}},
             "boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"{{{pod}}}","uid":"{{{uid}}}"} } }
            """), Stop);
        Assert.NotNull(answer.Time("status", "expirationTimestamp"));
        return answer.Text("status", "token")!;
    }

    private static Task<JsonObject> ReviewAsync(TestCluster cluster, string token, string audience)
    {
        var body = Json($$$"""
            {"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"audiences":["{{{audience}}}"]} }
            """);
        body["spec"]!["token"] = token;
        return cluster.Http.PostAsync(Reviews, body, Stop);
    }
}
