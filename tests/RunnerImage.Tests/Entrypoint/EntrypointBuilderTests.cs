using System.Net.Sockets;
using RunnerImage.Tests.Claims;

namespace RunnerImage.Tests.Entrypoint;

/// <summary>The program as a process beside a builder, which is a real unix socket or none.</summary>
public sealed class EntrypointBuilderTests : IAsyncLifetime
{
    /// <summary>Seconds; the first TLS connection takes a few on a busy machine.</summary>
    private const string AfterTheClaim = "10";

    private readonly TestAuthority authority = new();
    private ClaimServer server = null!;
    private PodUnderTest pod = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await ClaimServer.StartAsync(authority);
        pod = new PodUnderTest(server, authority);
        pod.Variables["RUNNERSCALER_BUILDER_MODE"] = "Sidecar";
        pod.Variables["RUNNERSCALER_BUILDER_PROFILE"] = "Baseline";
        pod.Variables["RUNNERSCALER_BUILDER_ADDRESSES"] = "unix://" + pod["buildkitd.sock"];
        pod.Variables["DOCKER_CONFIG"] = pod["docker"];
    }

    public async ValueTask DisposeAsync()
    {
        await pod.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task TheClaimDoesNotWaitForTheBuilder()
    {
        server.Claim = Granting;
        pod.Listener("await go; begin; exit 100");
        pod.Start();
        await pod.FileAsync("started");
        Assert.Contains("\"Waiting\"", await StateAsync(), StringComparison.Ordinal);
        using var builder = Listen();
        await pod.LineAsync("is ready");
        Assert.Contains("\"Ready\"", await StateAsync(), StringComparison.Ordinal);
        pod.Mark("go");
        var message = await pod.EndsAsync(0, "JobSucceeded", true);
        Assert.True(message.GetProperty("phases").GetProperty("builder").GetDouble()
            > message.GetProperty("phases").GetProperty("claim").GetDouble());
        Assert.Contains(pod["buildkitd.sock"], await File.ReadAllTextAsync(
            pod["docker/buildx/instances/runnerscaler"], Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutABuilderNoIdentityIsTaken()
    {
        pod.Variables["RUNNERSCALER_BUILDER_WAIT_SECONDS"] = "1";
        pod.Start();
        var message = await pod.EndsAsync(69, "BuilderFailed", false);
        Assert.Contains("is not there after 1 s", message.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Contains("\"Failed\"", await StateAsync(), StringComparison.Ordinal);
        Assert.Equal(0, server.Count("DELETE"));
        Assert.False(File.Exists(pod["started"]));
    }

    [Fact]
    public async Task AnIdentityIsGivenBackIfTheBuilderFailsLater()
    {
        pod.Variables["RUNNERSCALER_BUILDER_WAIT_SECONDS"] = AfterTheClaim;
        server.Claim = Granting;
        pod.Listener("trap 'mark interrupted; exit 0' INT; sleep 1000 & wait");
        pod.Start();
        await pod.EndsAsync(69, "BuilderFailed", false);
        Assert.True(File.Exists(pod["interrupted"]));
        Assert.Equal(1, server.Count("DELETE"));
    }

    [Fact]
    public async Task AJobThatHasBegunGoesOnWithoutTheBuilder()
    {
        pod.Variables["RUNNERSCALER_BUILDER_WAIT_SECONDS"] = AfterTheClaim;
        server.Claim = Granting;
        pod.Listener("trap 'exit 9' INT; begin; await go; exit 100");
        pod.Start();
        await pod.LineAsync("it goes on");
        pod.Mark("go");
        await pod.EndsAsync(0, "JobSucceeded", true);
        Assert.Equal(0, server.Count("DELETE"));
        Assert.Contains("\"Failed\"", await StateAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AJobThatTheControllerKnowsOfGoesOnWithoutTheBuilder()
    {
        pod.Variables["RUNNERSCALER_BUILDER_WAIT_SECONDS"] = AfterTheClaim;
        server.Claim = Granting;
        server.GiveBack = ClaimServer.Status(409);
        pod.Listener("trap 'exit 9' INT; await go; begin; exit 100");
        pod.Start();
        await pod.LineAsync("it goes on");
        pod.Mark("go");
        await pod.EndsAsync(0, "JobSucceeded", true);
        Assert.Equal(1, server.Count("DELETE"));
    }

    [Fact]
    public async Task APodWithTheNodesIdsDoesNotRunIfItAskedForItsOwn()
    {
        var map = await File.ReadAllTextAsync("/proc/self/uid_map", Cancel);
        Assert.SkipUnless(RunnerImage.Builders.BuilderDiagnosis.IsIdentity(map),
            "this machine is itself in a user namespace, where the guard has nothing to refuse");
        using var builder = Listen();
        pod.Variables["RUNNERSCALER_BUILDER_PROFILE"] = "UserNamespaces";
        pod.Start();
        var message = await pod.EndsAsync(69, "BuilderFailed", false);
        Assert.Contains("hostUsers", message.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    private static Task Granting(Microsoft.AspNetCore.Http.HttpContext context) =>
        ClaimServer.Grant("linux-7-1a2b3c4d", PodUnderTest.JitConfig)(context);

    private Task<string> StateAsync() => File.ReadAllTextAsync(pod["state/builder.json"], Cancel);

    private Socket Listen()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(pod["buildkitd.sock"]));
        socket.Listen();
        return socket;
    }
}
