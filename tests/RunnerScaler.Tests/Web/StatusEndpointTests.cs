using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Explaining;
using RunnerScaler.Tests.Explaining;
using RunnerScaler.Tests.Scaling;
using RunnerScaler.Web.Page;

namespace RunnerScaler.Tests.Web;

public sealed class StatusEndpointTests : IAsyncLifetime
{
    private const string Token = "token";
    private const string Events = "/status/events";

    private static readonly Knowledge known = Told.Known(
        [Given.Pool(max: 0), Given.Pool("b", labels: "gpu") with { Key = new("secret", "b") }],
        [Given.Job(), Given.Job(2, labels: "gpu"), Given.Job(3, labels: "ubuntu-latest")]);

    private readonly HttpClient client = EndpointHost.Client();
    private EndpointHost host = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        host = await EndpointHost.StartAsync();
        host.Known = known;
        host.Access = (token, _) => token == Token ? new AccessResult.Known(Told.Ci) : new AccessResult.Rejected();
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return host.DisposeAsync();
    }

    [Fact]
    public async Task ThePageShowsWhatItsReaderMayRead()
    {
        using var answer = await GetAsync("/");
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("job 1", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.DoesNotContain("job 2", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/status/style.css")]
    [InlineData("/status/script.js")]
    [InlineData(Events)]
    public async Task NothingRunsButThePagesOwnScript(string path)
    {
        using var answer = await GetAsync(path);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
    }

    [Theory]
    [InlineData("/", null)]
    [InlineData("/", "other")]
    [InlineData(Events, null)]
    [InlineData(Events, "other")]
    public async Task WithoutAValidTokenNothingIsTold(string path, string? token)
    {
        using var answer = await GetAsync(path, token);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        Assert.Contains("kubectl -n NAMESPACE create token", body, StringComparison.Ordinal);
        Assert.DoesNotContain("job 1", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhileTheApiServerDoesNotSayWhoAsksThereIsNoPage()
    {
        host.Access = (_, _) => new AccessResult.Unavailable("Nobody <knows> now.");
        using var answer = await GetAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var body = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Contains("Nobody &lt;knows&gt; now.", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenMeansOpen()
    {
        await using var open = await EndpointHost.StartAsync(anonymous: true);
        open.Known = known;
        using var answer = await GetAsync("/", null, open);
        Assert.Contains("job 2", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        using var events = await StreamOf(open, token: null);
        Assert.Contains("job 2", await events.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileIsSentOnce()
    {
        using var first = await GetAsync("/status/style.css", null);
        Assert.Equal("text/css", first.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(await first.Content.ReadAsStringAsync(Stop));
        using var returning = EndpointHost.Client();
        returning.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await returning.GetAsync(new Uri(host.Plain, "/status/style.css"), Stop);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Theory]
    [InlineData("gzip, br", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("identity", false)]
    public async Task ThePageIsPackedForWhoCanUnpackIt(string takes, bool isPacked)
    {
        using var asking = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None });
        asking.DefaultRequestHeaders.Add("Accept-Encoding", takes);
        asking.DefaultRequestHeaders.Add(ApiHeaders.Token, Token);
        using var answer = await asking.GetAsync(new Uri(host.Plain, "/"), Stop);
        Assert.Equal(isPacked ? ["gzip"] : [], answer.Content.Headers.ContentEncoding);
        await using var body = await answer.Content.ReadAsStreamAsync(Stop);
        using var reader = new StreamReader(isPacked ? new GZipStream(body, CompressionMode.Decompress) : body);
        Assert.EndsWith("</html>", await reader.ReadToEndAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task NothingButReadingIsThere(string method)
    {
        foreach (var path in (string[])["/", Events])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host.Plain, path));
            using var answer = await client.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        using var atClaims = await client.GetAsync(new Uri(host.Claims, "/"), Stop);
        Assert.Equal(HttpStatusCode.NotFound, atClaims.StatusCode);
    }

    [Fact]
    public async Task AReplicaThatDoesNotLeadPassesThePageAndItsChangesOn()
    {
        await using var follower = await EndpointHost.StartAsync();
        follower.Access = host.Access;
        follower.Gate.Saw("runnerscaler-0-1234abcd", host.Plain);
        using var page = await GetAsync("/", at: follower);
        Assert.Contains("job 1", await page.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Single(page.Headers.GetValues("Content-Security-Policy"));

        using var events = await StreamOf(follower);
        Assert.Contains("job 1", await events.NextAsync(), StringComparison.Ordinal);
        host.Known = With(known, "renamed");
        Assert.Contains("renamed", await events.NextAsync(), StringComparison.Ordinal);

        host.Known = null;
        Assert.Null(await events.NextAsync());
        using var none = await GetAsync("/", at: follower);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, none.StatusCode);
        Assert.Contains("data-again", await none.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoLeavesAStreamThatIsPassedOnLeavesNoFaultBehind()
    {
        var time = new FakeTimeProvider();
        await using var follower = await EndpointHost.StartAsync(time: time);
        follower.Access = host.Access;
        follower.Gate.Saw("runnerscaler-0-1234abcd", host.Plain);
        using (var events = await StreamOf(follower))
            Assert.NotNull(await events.NextAsync());

        // The time that the leader has for its first word is over long before people leave.
        using (var events = await StreamOf(follower))
        {
            Assert.NotNull(await events.NextAsync());
            time.Advance(TimeSpan.FromMinutes(1));
        }
        while (follower.Log.Lines.Count(l => l.Contains("Request finished", StringComparison.Ordinal)
            && l.Contains(Events, StringComparison.Ordinal)) < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(20), Stop);
        Assert.DoesNotContain(follower.Log.Lines, l => l.Contains("did not answer", StringComparison.Ordinal)
            || l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatChangesIsToldToWhoHasThePage()
    {
        using var page = await GetAsync("/");
        var body = await page.Content.ReadAsStringAsync(Stop);
        var version = body.Split("data-version=\"")[1].Split('"')[0];

        using var events = await StreamOf(host, $"?since={version}");
        host.Known = With(known, "renamed");
        var change = await events.NextAsync();
        Assert.Contains("\"whole\":false", change, StringComparison.Ordinal);
        Assert.Contains("renamed", change, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", change, StringComparison.Ordinal);

        using var stranger = await StreamOf(host, "?since=none");
        Assert.Contains("\"whole\":true", await stranger.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStreamEndsWithTheRightToReadIt()
    {
        using var events = await StreamOf(host);
        Assert.NotNull(await events.NextAsync());
        host.Access = (_, _) => new AccessResult.Rejected();
        Assert.Null(await events.NextAsync());
    }

    [Fact]
    public async Task AStreamEndsWithTheProcess()
    {
        using var events = await StreamOf(host);
        Assert.NotNull(await events.NextAsync());
        host.Stop();
        Assert.Null(await events.NextAsync());
    }

    [Fact]
    public async Task StreamsAreBounded()
    {
        var streams = await Task.WhenAll(Enumerable.Range(0, StatusEndpoint.MostStreams).Select(_ => StreamOf(host)));
        using (var refused = await GetAsync(Events))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        streams[0].Dispose();
        HttpStatusCode status;
        do
        {
            using var again = await GetAsync(Events);
            status = again.StatusCode;
        }
        while (status == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, status);
        foreach (var stream in streams)
            stream.Dispose();
    }

    [Fact]
    public async Task WhoDoesNotReadLosesHisConnection()
    {
        host.Known = Told.Known([Given.Pool(max: 0)], Given.Jobs(1000));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
        await socket.ConnectAsync(host.Plain.Host, host.Plain.Port, Stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {Events} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Token}\r\n\r\n"), Stop);

        // Each change tells of every job; nothing of it is taken.
        for (var round = 0; !IsReset(socket); round++)
        {
            host.Known = Told.Known(
                [Given.Pool(max: 0)], Given.Jobs(1000).Select(j => j with { Name = $"{j.Name} {round}" })) with
            {
                Now = Given.Now.AddSeconds(round),
            };
            await Task.Delay(TimeSpan.FromMilliseconds(200), Stop);
        }
    }

    [Fact]
    public async Task AFailureIsToldWithoutItsTrace()
    {
        host.Access = (_, _) => throw new InvalidOperationException("inner words");
        using var answer = await GetAsync("/");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.DoesNotContain("inner words", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Contains(host.Log.Lines, l => l.Contains("inner words", StringComparison.Ordinal));
    }

    /// <summary>The other side has reset the connection: that shows although there is still something to
    /// read.</summary>
    private static bool IsReset(Socket socket) => socket.Poll(0, SelectMode.SelectError)
        || (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! != 0
        || File.ReadLines("/proc/net/tcp").Skip(1).All(
            line => !line.Contains($":{((IPEndPoint)socket.LocalEndPoint!).Port:X4} ", StringComparison.Ordinal)
                || line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3] != "01");

    private static Knowledge With(Knowledge before, string name)
    {
        var jobs = before.Board.Readings.SelectMany(r => r.Jobs).Select(j => j.Id == 1 ? j with { Name = name } : j);
        return Told.Known(before.Pools.Select(p => p.Input!.Pool), jobs) with { Now = before.Now.AddSeconds(1) };
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string? token = Token, EndpointHost? at = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri((at ?? host).Plain, path));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var until = path == Events
            ? HttpCompletionOption.ResponseHeadersRead
            : HttpCompletionOption.ResponseContentRead;
        return await client.SendAsync(request, until, Stop);
    }

    private static async Task<EventStream> StreamOf(EndpointHost at, string query = "", string? token = Token)
    {
        var client = EndpointHost.Client();
        if (token is not null)
            client.DefaultRequestHeaders.Add(ApiHeaders.Token, token);
        return new(client, new StreamReader(await client.GetStreamAsync(new Uri(at.Plain, Events + query), Stop)));
    }

    private sealed class EventStream(HttpClient client, StreamReader reader) : IDisposable
    {
        /// <summary>The data of the next event; null if there is none any more.</summary>
        public async Task<string?> NextAsync()
        {
            try
            {
                while (await reader.ReadLineAsync(Stop) is { } line)
                    if (line.StartsWith("data: ", StringComparison.Ordinal))
                        return line;
            }
            catch (IOException)
            {
                // The end of a stream need not be polite.
            }
            return null;
        }

        public void Dispose()
        {
            reader.Dispose();
            client.Dispose();
        }
    }
}
