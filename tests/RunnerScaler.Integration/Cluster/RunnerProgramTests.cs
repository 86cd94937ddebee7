using System.Text.Json.Nodes;
using RunnerScaler.Protocol;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>The model of the program in a runner pod: it claims over a real endpoint with a real token.</summary>
public sealed class RunnerProgramTests(ClusterFixture clusters)
{
    private const string TokenFile = "/var/run/secrets/runnerscaler/token";

    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task AGrantedPodRunsItsJobAndSaysSo(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        await using var endpoint = await ScriptedClaimsEndpoint.OpenAsync();
        endpoint.Then(204).Then(503, retryAfter: 1).ThenGrant("jit");
        var backend = new FakeBackend();
        var pod = await RunAsync(cluster, endpoint, backend);

        Assert.Equal(("Succeeded", true, 0, ExitOutcome.JobEnded), Ended(pod));
        Assert.Equal("jit", backend.JitConfig);
        Assert.True(backend.IsClosed);
        var review = await ReviewAsync(cluster, await endpoint.NextTokenAsync());
        Assert.Equal(pod.Text("metadata", "uid"),
            review.At("status", "user", "extra", "authentication.kubernetes.io/pod-uid")![0].Text());
    }

    [Theory]
    [InlineData(410, "Succeeded", 0, "Retired")]
    [InlineData(403, "Failed", 77, "Refused")]
    public async Task ARetiredPodEndsWellAndARefusedOneDoesNot(int status, string phase, int code, string outcome)
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        await using var endpoint = await ScriptedClaimsEndpoint.OpenAsync();
        endpoint.Then(status).Then(status).Then(status);
        Assert.Equal((phase, false, code, Enum.Parse<ExitOutcome>(outcome)),
            Ended(await RunAsync(cluster, endpoint, new FakeBackend())));
    }

    [Fact]
    public async Task ARunnerWhoseRegistrationIsGoneEndsWithoutAJob()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        await using var endpoint = await ScriptedClaimsEndpoint.OpenAsync();
        endpoint.ThenGrant("jit");
        var pod = await RunAsync(cluster, endpoint, new FakeBackend { HasJob = false });
        Assert.Equal(("Succeeded", false, 0, ExitOutcome.NoJob), Ended(pod));
    }

    [Fact]
    public async Task APodWithoutTheTokenItNamesFailsAndSaysWhatIsMissing()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        await using var endpoint = await ScriptedClaimsEndpoint.OpenAsync();
        var pod = await RunAsync(
            cluster, endpoint, new FakeBackend(), p => p["spec"]!["containers"]![0]!["volumeMounts"] = null);
        Assert.Equal(("Failed", false, 78, ExitOutcome.Misconfigured), Ended(pod));
        Assert.Contains(
            $"mounts no serviceAccountToken at {TokenFile}", LastWords(pod).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndpointOfAnotherAuthorityIsNotTrusted()
    {
        await using var endpoint = await ScriptedClaimsEndpoint.OpenAsync();
        await using var other = await ScriptedClaimsEndpoint.OpenAsync();
        using var wrong = new ClaimTransport(endpoint.Url, other.AuthorityPem, TimeProvider.System);
        await Assert.ThrowsAsync<HttpRequestException>(() => wrong.AskAsync("t", Stop));
        // A bundle of several, as while the authority is replaced: they have the same name.
        var bundle = $"{other.AuthorityPem}\n{endpoint.AuthorityPem}\n";
        using var right = new ClaimTransport(endpoint.Url, bundle, TimeProvider.System);
        Assert.Equal(204, (await right.AskAsync("t", Stop)).Status);
    }

    [Fact]
    public async Task AGrantIsNotWrittenOutByAnswers()
    {
        await using var endpoint = await ScriptedClaimsEndpoint.OpenAsync();
        endpoint.ThenGrant("secret-config");
        using var transport = new ClaimTransport(endpoint.Url, endpoint.AuthorityPem, TimeProvider.System);
        var reply = await transport.AskAsync("t", Stop);
        var answer = reply.ToClaimAnswer();
        Assert.Equal(new ClaimAnswer.Granted("linux-7-1a2b3c4d", "secret-config"), answer);
        Assert.DoesNotContain("secret-config", $"{reply} {answer}", StringComparison.Ordinal);
    }

    private static async Task<JsonObject> RunAsync(
        TestCluster cluster, ScriptedClaimsEndpoint endpoint, IRunnerBackend backend, Action<JsonObject>? edit = null)
    {
        var program = new RunnerProgram(backend, TimeProvider.System, new Random(4));
        await using var nodes = new RunningNodes(cluster, program);
        var authority = Named("claim-ca");
        authority["data"] = new JsonObject { ["ca.crt"] = endpoint.AuthorityPem };
        await cluster.Http.PostAsync(cluster.ConfigMaps, authority, Stop);
        var pod = RunnerPod(endpoint);
        edit?.Invoke(pod);
        await cluster.Http.PostAsync(cluster.Pods, pod, Stop);
        await UntilAsync("the pod has ended", async () => PodFacts.Of(await GetAsync(cluster)).IsFinished);
        return await GetAsync(cluster);
    }

    private static JsonObject RunnerPod(ScriptedClaimsEndpoint endpoint)
    {
        var pod = Pod("linux-7");
        var container = pod["spec"]!["containers"]![0]!;
        container["env"] = new JsonArray(
            new JsonObject { ["name"] = PodVariables.ClaimUrl, ["value"] = endpoint.Url.AbsoluteUri },
            new JsonObject { ["name"] = PodVariables.TokenFile, ["value"] = TokenFile },
            Json("""
                {"name":"RUNNERSCALER_CLAIM_CA","valueFrom":{"configMapKeyRef":{"name":"claim-ca","key":"ca.crt"}}}
                """));
        container["volumeMounts"] = JsonNode.Parse(
            """[{"name":"claim","mountPath":"/var/run/secrets/runnerscaler","readOnly":true}]""");
        pod["spec"]!["volumes"] = JsonNode.Parse("""
            [{"name":"claim","projected":{"sources":[
              {"serviceAccountToken":{"audience":"runnerscaler","expirationSeconds":3600,"path":"token"}}]}}]
            """);
        return pod;
    }

    private static (string? Phase, bool? RanJob, int? Code, ExitOutcome? Outcome) Ended(JsonObject pod)
    {
        var said = LastWords(pod);
        return (pod.Text("status", "phase"), said.RanJob, said.ExitCode, said.Outcome);
    }

    private static TerminationMessage LastWords(JsonObject pod) => TerminationMessage.Read(
        pod.Objects("status", "containerStatuses").Single().Text("state", "terminated", "message"));

    private static Task<JsonObject> GetAsync(TestCluster cluster) =>
        cluster.Http.GetAsync($"{cluster.Pods}/linux-7", Stop);

    private static Task<JsonObject> ReviewAsync(TestCluster cluster, string token)
    {
        var body = Json("""
            {"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"audiences":["runnerscaler"]}}
            """);
        body["spec"]!["token"] = token;
        return cluster.Http.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", body, Stop);
    }

    private sealed class FakeBackend : IRunnerBackend, IRunnerSession
    {
        public bool HasJob { get; init; } = true;

        public string? JitConfig { get; private set; }

        public bool IsClosed { get; private set; }

        public Task<IRunnerSession> ConnectAsync(string jitConfig, CancellationToken stop)
        {
            JitConfig = jitConfig;
            return Task.FromResult<IRunnerSession>(this);
        }

        public Task<bool> WaitForJobAsync(CancellationToken stop) => Task.FromResult(HasJob);

        public Task<int> RunAsync(CancellationToken stop) => Task.FromResult(0);

        public JobReport Job => new("acme/web", 17, TimeSpan.FromSeconds(2));

        public IReadOnlyList<Build> Builds => [];

        public void Abandon()
        {
        }

        public ValueTask DisposeAsync()
        {
            IsClosed = true;
            return ValueTask.CompletedTask;
        }
    }
}
