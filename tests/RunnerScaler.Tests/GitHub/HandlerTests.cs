using System.Net;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Http;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.Tests.GitHub;

public sealed class HandlerTests
{
    private readonly FakeTimeProvider time = new(FakeGitHub.Start);
    private int sent;

    public static TheoryData<HttpStatusCode, bool> Pages => new()
    {
        { HttpStatusCode.OK, true },
        { HttpStatusCode.Created, true },
        { HttpStatusCode.NotFound, true },
        { HttpStatusCode.Forbidden, true },
        { HttpStatusCode.BadGateway, false },
        { HttpStatusCode.TooManyRequests, false },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task APageOfAProxyIsNoAnswer(HttpStatusCode status, bool refused)
    {
        var pipe = new Pipe(new JsonOnlyHandler(), _ => FakeGitHub.Html(status));

        var answer = await pipe.GetAsync();

        if (refused)
            Assert.Equal(FailureKind.Unreachable, Assert.IsType<FailedResponse>(answer).Failure.Kind);
        else
            Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task JsonAndNoContentPass()
    {
        var json = new Pipe(new JsonOnlyHandler(), _ => FakeGitHub.Json(new { }));
        Assert.Equal(HttpStatusCode.OK, (await json.GetAsync()).StatusCode);
        var empty = new Pipe(new JsonOnlyHandler(), _ => new HttpResponseMessage(HttpStatusCode.NoContent));
        Assert.Equal(HttpStatusCode.NoContent, (await empty.SendAsync(HttpMethod.Delete)).StatusCode);
    }

    [Theory]
    [InlineData(502, 3)]
    [InlineData(500, 3)]
    [InlineData(404, 1)]
    [InlineData(403, 1)]
    [InlineData(200, 1)]
    public async Task FailedReadsAreTriedAgain(int status, int tries)
    {
        var pipe = Resilient(_ => FakeGitHub.Refusal((HttpStatusCode)status));

        var answer = await GitHubRig.PassTimeAsync(time, pipe.GetAsync(), TimeSpan.FromSeconds(1));

        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        Assert.Equal(tries, sent);
    }

    [Fact]
    public async Task AReadSucceedsOnTheThirdTry()
    {
        var pipe = Resilient(_ => sent < 3 ? Reset() : FakeGitHub.Json(new { }));

        var answer = await GitHubRig.PassTimeAsync(time, pipe.GetAsync(), TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task WritesAreNeverRepeated(string method)
    {
        var pipe = Resilient(_ => FakeGitHub.Refusal(HttpStatusCode.BadGateway));

        Assert.Equal(HttpStatusCode.BadGateway, (await pipe.SendAsync(new HttpMethod(method))).StatusCode);
        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task WhatGitHubAsksToWaitForIsNotRetriedAtOnce()
    {
        var pipe = Resilient(_ =>
        {
            var answer = FakeGitHub.Refusal(HttpStatusCode.ServiceUnavailable);
            answer.Headers.Add("retry-after", "60");
            return answer;
        });

        await pipe.GetAsync();

        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task ARequestWithoutAnswerEnds()
    {
        using var client = ToNobody();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://api.github.com/x");

        var answer = await GitHubRig.PassTimeAsync(
            time, client.SendAsync(request, TestContext.Current.CancellationToken), TimeSpan.FromSeconds(5));

        Assert.Equal(
            "GET /x was not answered in 15 s by api.github.com", Assert.IsType<FailedResponse>(answer).Failure.Detail);
    }

    [Fact]
    public async Task WhoeverGivesUpGetsNoAnswer()
    {
        using var given = new CancellationTokenSource();
        using var client = ToNobody();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://api.github.com/x");
        var task = client.SendAsync(request, given.Token);
        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }

    [Theory]
    [InlineData(ExchangeHandler.LargestBody, true)]
    [InlineData(ExchangeHandler.LargestBody + 1, false)]
    public async Task ABodyIsTakenInUpToABound(int length, bool taken)
    {
        var pipe = new Pipe(Exchange(), _ => new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StreamContent(new Endless(length)),
        });

        Assert.Equal(taken, await pipe.GetAsync() is not FailedResponse);
    }

    [Fact]
    public async Task VersionAndMediaTypeArePinned()
    {
        HttpRequestMessage? seen = null;
        var pipe = new Pipe(new ApiVersionHandler(), request =>
        {
            seen = request;
            return FakeGitHub.Json(new { });
        });

        await pipe.GetAsync();

        Assert.Equal("2022-11-28", seen!.Headers.GetValues("X-GitHub-Api-Version").Single());
        Assert.Equal("application/vnd.github+json", seen.Headers.Accept.ToString());
    }

    [Fact]
    public async Task EveryAnswerIsMeasuredByItsRoute()
    {
        var metrics = new RecordedMetrics();
        await new Pipe(new MeterHandler(metrics, time), _ => FakeGitHub.Json(new { })).GetAsync();
        await new Pipe(new MeterHandler(metrics, time), _ => new(HttpStatusCode.NotModified)).GetAsync();
        await new Pipe(new MeterHandler(metrics, time), _ => Reset()).GetAsync();

        const string Route = "/repos/{owner}/{repo}/actions/runs";
        Assert.Equal([(Route, 200, false), (Route, 304, true), (Route, 0, false)], metrics.Requests);
    }

    private static FailedResponse Reset() => new(Failure.NoAnswer("reset"));

    private ExchangeHandler Exchange() => new(new GitHubOptions(), new EnvironmentProxy(_ => null), time);

    private HttpMessageInvoker ToNobody()
    {
        var exchange = Exchange();
        exchange.InnerHandler = new Silent();
        return new HttpMessageInvoker(exchange);
    }

    private Pipe Resilient(Func<HttpRequestMessage, HttpResponseMessage> script) => new(
        new ResilienceHandler(new GitHubOptions(), time, new Random(1)),
        request =>
        {
            sent++;
            return script(request);
        });

    private sealed class Silent : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancel)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            throw new InvalidOperationException("not reached");
        }
    }
    /// <summary>So many bytes, of whatever.</summary>
    private sealed class Endless(long length) : MemoryStream
    {
        private long left = length;

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(left, buffer.Length);
            left -= count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));

        public override bool CanSeek => false;
    }
}
