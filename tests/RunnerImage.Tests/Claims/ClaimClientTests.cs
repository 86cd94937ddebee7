using System.Net;
using System.Net.Sockets;
using System.Text;
using RunnerImage.Claims;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Claims;

public sealed class ClaimClientTests : IAsyncLifetime
{
    private const string Jit = "aml0";
    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();
    private readonly List<string> log = [];
    private ClaimServer server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ClaimAnswer Identity => new ClaimAnswer.Granted("linux-7-1a2b3c4d", Jit);

    public async ValueTask InitializeAsync()
    {
        server = await ClaimServer.StartAsync(authority);
        File.WriteAllText(folder["token"], "first-token\n");
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task AnIdentityIsGranted()
    {
        server.Claim = Granting;
        var sent = 0;
        Assert.Equal(Identity, await Client().ClaimAsync(() => sent++, Cancel));
        Assert.Equal(new ClaimRequest("POST", "/claims", "Bearer first-token", 0), Assert.Single(server.Requests));
        Assert.Equal(1, sent);
        Assert.Empty(log);
    }

    [Fact]
    public async Task TheTokenIsReadAnewForEachRequest()
    {
        server.Claim = ClaimServer.InTurn(c =>
        {
            File.WriteAllText(folder["token"], "second-token");
            return ClaimServer.Status(401)(c);
        }, Granting);
        Assert.Equal(Identity, await Client().ClaimAsync(() => { }, Cancel));
        Assert.Equal(["Bearer first-token", "Bearer second-token"], server.Requests.Select(r => r.Authorization));
        Assert.Contains("token is not valid", Assert.Single(log), StringComparison.Ordinal);
    }

    /// <summary>What is no end: it is asked again, and the identity comes with the next answer.</summary>
    [Theory]
    [InlineData(204)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task AnAnswerThatIsNoEndIsFollowedByAnotherRequest(int status)
    {
        server.Claim = ClaimServer.InTurn(ClaimServer.Status(status), ClaimServer.Status(status), Granting);
        Assert.Equal(Identity, await Client().ClaimAsync(() => { }, Cancel));
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(status == 204 ? 0 : 1, log.Count);
    }

    [Fact]
    public async Task APodThatIsSentAwayComesAgainWhenItWasTold()
    {
        server.Claim = ClaimServer.InTurn(
            context =>
            {
                context.Response.Headers.RetryAfter = "100";
                return ClaimServer.Status(204)(context);
            },
            Granting);
        var time = new HurriedTime(200);
        var began = time.GetTimestamp();

        Assert.Equal(Identity, await Client(hurry: 200).ClaimAsync(() => { }, Cancel));

        Assert.InRange(time.GetElapsedTime(began), TimeSpan.FromSeconds(100), TimeSpan.MaxValue);
        Assert.Empty(log);
    }

    [Fact]
    public async Task ARefusalAndItsReasonAreAnEnd()
    {
        server.Claim = ClaimServer.Status(403, "the pod is\nno runner");
        Assert.Equal(new ClaimAnswer.Refused("the pod is no runner"), await Client().ClaimAsync(() => { }, Cancel));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task ARefusalThatDoesNotStayIsNone()
    {
        var (no, later) = (ClaimServer.Status(403, "not yet"), ClaimServer.Status(503));
        server.Claim = ClaimServer.InTurn(no, no, later, no, no, Granting);
        Assert.Equal(Identity, await Client().ClaimAsync(() => { }, Cancel));
    }

    [Fact]
    public async Task RetiringIsAnEnd()
    {
        server.Claim = ClaimServer.Status(410);
        Assert.IsType<ClaimAnswer.Retired>(await Client().ClaimAsync(() => { }, Cancel));
    }

    [Fact]
    public async Task AServerThatHangsIsLeftAfterItsTime()
    {
        server.Claim = ClaimServer.InTurn(ClaimServer.HoldAsync, Granting);
        Assert.Equal(Identity, await Client(100).ClaimAsync(() => { }, Cancel));
        Assert.Contains("did not answer in 70 s", Assert.Single(log), StringComparison.Ordinal);
    }

    /// <summary>Its single bytes do not prolong the time that an answer has.</summary>
    [Fact]
    public async Task AnAnswerThatTricklesIsLeftAfterItsTime()
    {
        server.Claim = ClaimServer.InTurn(TrickleAsync, Granting);
        Assert.Equal(Identity, await Client(100).ClaimAsync(() => { }, Cancel));
        Assert.Contains("did not answer in 70 s", Assert.Single(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AConnectionThatIsCutIsNoEnd()
    {
        server.Claim = ClaimServer.InTurn(AbortAsync, Granting);
        Assert.Equal(Identity, await Client().ClaimAsync(() => { }, Cancel));
        Assert.Single(log);
    }

    [Fact]
    public async Task AnIdentityThatIsNoneIsNoEndAndIsNotShown()
    {
        server.Claim = ClaimServer.InTurn(
            ClaimServer.Status(200, "{\"jitConfig\":\"c2VjcmV0"),
            ClaimServer.Status(200, "{\"jitConfig\":\"c2VjcmV0\"}"),
            ClaimServer.Status(200), Granting);
        Assert.Equal(Identity, await Client().ClaimAsync(() => { }, Cancel));
        Assert.All(log, l => Assert.DoesNotContain("c2VjcmV0", l, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\r\nX-Injected: b")]
    [InlineData("tökén")]
    public async Task WhatIsNoTokenIsNotSent(string token)
    {
        File.WriteAllText(folder["token"], token);
        server.Claim = Granting;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var claim = Client(1000, l =>
        {
            Assert.Contains(folder["token"], l, StringComparison.Ordinal);
            enough.Cancel();
        }).ClaimAsync(() => { }, enough.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task AnotherAuthorityIsNotTrusted() =>
        await AssertDistrustedAsync(server.Url, new TestAuthority().Pem);

    [Fact]
    public async Task ACertificateForAnotherNameIsNotTrusted()
    {
        var other = new TestAuthority("claims.example");
        await using var elsewhere = await ClaimServer.StartAsync(other);
        await AssertDistrustedAsync(elsewhere.Url, other.Pem);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n")]
    [InlineData("\0\0\0")]
    public async Task GarbageIsNoEnd(string garbage)
    {
        var heard = await AskPlainAsync(Encoding.Latin1.GetBytes(garbage));
        Assert.Contains("does not speak HTTP", heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndlessHeadIsNoEnd() => Assert.Contains("too long a line",
        await AskPlainAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nX: " + new string('x', 100_000))),
        StringComparison.Ordinal);

    [Fact]
    public async Task AnIdentityIsGivenBack()
    {
        Assert.IsType<ReturnAnswer.Returned>(await Client().ReturnAsync(Cancel));
        Assert.Equal(new ClaimRequest("DELETE", "/claims", "Bearer first-token", 0), Assert.Single(server.Requests));
    }

    [Fact]
    public async Task AnIdentityWithAJobIsKept()
    {
        server.GiveBack = ClaimServer.InTurn(ClaimServer.Status(503), ClaimServer.Status(409));
        Assert.IsType<ReturnAnswer.Busy>(await Client().ReturnAsync(Cancel));
    }

    [Fact]
    public async Task GivingBackHasItsTime()
    {
        server.GiveBack = ClaimServer.HoldAsync;
        Assert.IsType<ReturnAnswer.None>(await Client(100).ReturnAsync(Cancel));
    }

    [Theory]
    [InlineData(null, "pem", "RUNNERSCALER_CLAIM_URL")]
    [InlineData("", "pem", "RUNNERSCALER_CLAIM_URL")]
    [InlineData("/claims", "pem", "RUNNERSCALER_CLAIM_URL")]
    [InlineData("ftp://x/claims", "pem", "RUNNERSCALER_CLAIM_URL")]
    [InlineData("https://x/claims", null, "RUNNERSCALER_CLAIM_CA")]
    [InlineData("https://x/claims", "", "RUNNERSCALER_CLAIM_CA")]
    [InlineData("https://x/claims", "no PEM", "RUNNERSCALER_CLAIM_CA")]
    public void AnEndpointThatIsNoneIsNamed(string? url, string? authorities, string variable) =>
        Assert.Contains(variable, ClaimExchange.Open(url, authorities).Problem, StringComparison.Ordinal);

    private static Task Granting(HttpContext context) => ClaimServer.Grant("linux-7-1a2b3c4d", Jit)(context);

    private static Task AbortAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static async Task TrickleAsync(HttpContext context)
    {
        context.Response.ContentLength = 100_000;
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.WriteAsync(" ");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    private async Task AssertDistrustedAsync(Uri url, string trusted)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var (endpoint, _) = ClaimExchange.Open(url.ToString(), trusted);
        var heard = "";
        var claim = new ClaimClient(endpoint!, folder["token"], l =>
        {
            heard = l;
            enough.Cancel();
        }, new Random(1), TimeProvider.System).ClaimAsync(() => { }, enough.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim);
        Assert.Contains("RUNNERSCALER_CLAIM_CA", heard, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    /// <summary>Asks a server without TLS that says the same to everybody.</summary>
    /// <returns>What the client says of it.</returns>
    private async Task<string> AskPlainAsync(byte[] says)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var (endpoint, _) = ClaimExchange.Open($"http://{listener.LocalEndPoint}/claims", null);
        var heard = "";
        var claim = new ClaimClient(endpoint!, folder["token"], l =>
        {
            heard = l;
            enough.Cancel();
        }, new Random(1), TimeProvider.System).ClaimAsync(() => { }, enough.Token);
        using var client = await listener.AcceptAsync(Cancel);
        await client.ReceiveAsync(new byte[4096], Cancel);
        await client.SendAsync(says, Cancel);
        client.Shutdown(SocketShutdown.Send);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim);
        return heard;
    }

    private ClaimClient Client(double hurry = 20, Action<string>? say = null)
    {
        var (endpoint, _) = ClaimExchange.Open(server.Url.ToString(), authority.Pem);
        return new ClaimClient(endpoint!, folder["token"], say ?? log.Add, new Random(1), new HurriedTime(hurry));
    }
}
