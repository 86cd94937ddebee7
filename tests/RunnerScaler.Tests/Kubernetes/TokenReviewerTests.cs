using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Claims;
using RunnerScaler.Tests.Control.Fakes;

namespace RunnerScaler.Tests.Kubernetes;

public sealed class TokenReviewerTests
{
    private const string Good = """
        {"authenticated":true,"audiences":["runnerscaler"],"user":{"username":"system:serviceaccount:ci:default",
         "extra":{"authentication.kubernetes.io/pod-name":["linux-7"],"authentication.kubernetes.io/pod-uid":["u-7"]}}}
        """;

    private readonly FakeTimeProvider time = new();

    private static readonly string Token = TestToken.Of();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AGoodTokenNamesItsPod()
    {
        JsonNode? asked = null;
        await using var server = Start(async c =>
        {
            asked = JsonNode.Parse(await StubServer.Body(c));
            await StubServer.Json(c, 201, $$"""{"status":{{Good}}}""");
        });
        var result = await Reviewer(server).ReviewAsync(Token, Cancel);
        Assert.Equal(new ReviewResult.Pod(new PodIdentity("ci", "linux-7", "u-7")), result);
        Assert.Equal(Token, (string?)asked!["spec"]!["token"]);
        Assert.Equal("""["runnerscaler"]""", asked["spec"]!["audiences"]!.ToJsonString());
    }

    [Theory]
    [InlineData("\"authenticated\":true", "\"authenticated\":false")]
    [InlineData("\"runnerscaler\"", "\"another\"")]
    [InlineData("\"audiences\":[\"runnerscaler\"],", "")]
    [InlineData("system:serviceaccount:ci:default", "jane")]
    [InlineData("authentication.kubernetes.io/pod-uid", "something-else")]
    [InlineData("authentication.kubernetes.io/pod-name", "something-else")]
    public async Task ATokenThatIsNotAPodsForUsIsRejected(string what, string by)
    {
        await using var server = Start(c =>
            StubServer.Json(c, 201, $$"""{"status":{{Good.Replace(what, by, StringComparison.Ordinal)}}}"""));
        Assert.IsType<ReviewResult.Rejected>(await Reviewer(server).ReviewAsync(Token, Cancel));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(500)]
    public async Task NoAnswerIsNoRejection(int code)
    {
        await using var server = Start(c => StubServer.Json(c, code, "{}"));
        var reviewer = Reviewer(server);
        Assert.IsType<ReviewResult.Unavailable>(await reviewer.ReviewAsync(Token, Cancel));
        Assert.IsType<ReviewResult.Unavailable>(await reviewer.ReviewAsync(Token, Cancel));
        Assert.Equal(2, Reviews(server).Length);
    }

    [Fact]
    public async Task AGoodAnswerIsKeptForFiveMinutesAndARefusalForOne()
    {
        var status = Good;
        await using var server = Start(c => StubServer.Json(c, 201, $$"""{"status":{{status}}}"""));
        var reviewer = Reviewer(server);
        await reviewer.ReviewAsync(Token, Cancel);
        time.Advance(TimeSpan.FromMinutes(4.9));
        await reviewer.ReviewAsync(Token, Cancel);
        Assert.Single(Reviews(server));
        time.Advance(TimeSpan.FromMinutes(0.2));
        status = """{"authenticated":false}""";
        for (var i = 0; i < 100; i++)
            Assert.IsType<ReviewResult.Rejected>(await reviewer.ReviewAsync(Token, Cancel));
        Assert.Equal(2, Reviews(server).Length);
        time.Advance(TimeSpan.FromMinutes(1));
        status = Good;
        Assert.IsType<ReviewResult.Pod>(await reviewer.ReviewAsync(Token, Cancel));
    }

    [Theory]
    [InlineData("")]
    [InlineData("opaque")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("a..c")]
    [InlineData("a.e30.c")]
    [InlineData("a.bnVsbA.c")]
    [InlineData("a.W10.c")]
    [InlineData("a.e30.c.d")]
    public async Task WhatCannotBeATokenForUsIsNotAskedFor(string token)
    {
        await using var server = Start(c => StubServer.Json(c, 201, "{}"));
        Assert.IsType<ReviewResult.Rejected>(await Reviewer(server).ReviewAsync(token, Cancel));
        Assert.Empty(Reviews(server));
    }

    [Theory]
    [InlineData("\"another\"", 3600, 0)]
    [InlineData("[]", 3600, 0)]
    [InlineData("[1,null,{}]", 3600, 0)]
    [InlineData("\"runnerscaler\"", -3601, 0)]
    [InlineData("[\"runnerscaler\"]", -3601, 0)]
    [InlineData("\"runnerscaler\"", -1800, 1)]
    [InlineData("[\"other\",\"runnerscaler\"]", 1, 1)]
    [InlineData("[\"runnerscaler\"]", 1e300, 1)]
    public async Task OnlyWhatIsForUsAndNotLongOverIsAskedFor(string audience, double expiresIn, int asked)
    {
        await using var server = Start(c => StubServer.Json(c, 201, "{}"));
        var expires = (time.GetUtcNow().ToUnixTimeSeconds() + expiresIn).ToString("R", CultureInfo.InvariantCulture);
        var token = TestToken.With($$"""{"aud":{{audience}},"exp":{{expires}} }""");
        Assert.IsType<ReviewResult.Rejected>(await Reviewer(server).ReviewAsync(token, Cancel));
        Assert.Equal(asked, Reviews(server).Length);
    }

    [Fact]
    public async Task ATokenOfAnyDepthOrSizeIsOnlyRefused()
    {
        await using var server = Start(c => StubServer.Json(c, 201, "{}"));
        string[] hostile =
        [
            TestToken.With(new string('[', 5000)),
            TestToken.With($$"""{"aud":"runnerscaler","exp":9e18,"x":"{{new string('x', 20_000)}}"}"""),
            TestToken.With("""{"aud":"\ud800","exp":9e18}"""),
            new('.', 16_000),
        ];
        foreach (var token in hostile)
            Assert.IsType<ReviewResult.Rejected>(await Reviewer(server).ReviewAsync(token, Cancel));
        Assert.Empty(Reviews(server));
    }

    [Fact]
    public async Task ATokenIsReviewedOnceHoweverManyShowItAtOnceAndGiveUp()
    {
        var answer = new TaskCompletionSource();
        await using var server = Start(async c =>
        {
            await answer.Task;
            await StubServer.Json(c, 201, $$"""{"status":{{Good}}}""");
        });
        var reviewer = Reviewer(server);
        using var impatient = new CancellationTokenSource();
        var first = reviewer.ReviewAsync(Token, impatient.Token);
        var second = reviewer.ReviewAsync(Token, Cancel);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult();
        Assert.IsType<ReviewResult.Pod>(await second);
        Assert.Single(Reviews(server));
    }

    [Fact]
    public async Task WhileManyTokensAreReviewedOthersAreToldToComeAgain()
    {
        await using var server = Start(StubServer.Forever);
        var reviewer = Reviewer(server);
        var many = Enumerable.Range(0, 32)
            .Select(i => reviewer.ReviewAsync(TestToken.Of(pod: $"p{i}"), Cancel)).ToList();
        Assert.IsType<ReviewResult.Unavailable>(await reviewer.ReviewAsync(TestToken.Of(pod: "last"), Cancel));
        Assert.All(many, review => Assert.False(review.IsCompleted));
        await Eventually.Holds(() => server.Open > 0, "they are asked for");
        time.Advance(TimeSpan.FromSeconds(31));
        await Task.WhenAll(many);
    }

    [Fact]
    public void WhatIsRememberedIsBounded()
    {
        var answers = new RecentAnswers<string>(3, TimeSpan.FromMinutes(1), time);
        for (var i = 0; i < 1000; i++)
        {
            answers.Keep($"{i}", "yes");
            answers.Keep("again", "yes");
        }
        Assert.InRange(answers.Count, 1, 3);
        Assert.Equal("yes", answers.Find("again"));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(answers.Find("again"));
    }

    private TokenReviewer Reviewer(StubServer server) => new(
        server.Api(time), new ClusterKeySource(server.Api(time), time, NullLogger<ClusterKeySource>.Instance),
        new FakePods(new Journal(), time), time, NullLogger<TokenReviewer>.Instance);

    /// <summary>A server that publishes no keys.</summary>
    private static StubServer Start(Func<HttpContext, Task> answer) => StubServer.Start(context =>
        context.Request.Path == ResourcePaths.TokenReviews ? answer(context) : StubServer.Json(context, 404, "{}"));

    private static string[] Reviews(StubServer server) =>
        [.. server.Requests.Where(r => r.EndsWith("tokenreviews", StringComparison.Ordinal))];
}

/// <summary>Tokens in the form of projected ones. Nobody has signed them.</summary>
internal static class TestToken
{
    public static string Of(string pod = "linux-7") =>
        With($$$"""{"aud":["runnerscaler"],"exp":9000000000,"kubernetes.io":{"pod":{"name":"{{{pod}}}"} } }""");

    public static string With(string claims) =>
        $"eyJhbGciOiJSUzI1NiJ9.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2lnbmF0dXJl";
}
