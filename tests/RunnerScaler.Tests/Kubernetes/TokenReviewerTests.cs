using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes;

namespace RunnerScaler.Tests.Kubernetes;

public sealed class TokenReviewerTests
{
    private const string Good = """
        {"authenticated":true,"audiences":["runnerscaler"],"user":{"username":"system:serviceaccount:ci:default",
         "extra":{"authentication.kubernetes.io/pod-name":["linux-7"],"authentication.kubernetes.io/pod-uid":["u-7"]}}}
        """;

    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task AGoodTokenNamesItsPod()
    {
        JsonNode? asked = null;
        await using var server = StubServer.Start(async c =>
        {
            asked = JsonNode.Parse(await StubServer.Body(c));
            await StubServer.Json(c, 201, $$"""{"status":{{Good}}}""");
        });
        var result = await Reviewer(server).ReviewAsync("secret-token", TestContext.Current.CancellationToken);
        Assert.Equal(new ReviewResult.Pod(new PodIdentity("ci", "linux-7", "u-7")), result);
        Assert.Equal("secret-token", (string?)asked!["spec"]!["token"]);
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
        await using var server = StubServer.Start(c =>
            StubServer.Json(c, 201, $$"""{"status":{{Good.Replace(what, by, StringComparison.Ordinal)}}}"""));
        Assert.IsType<ReviewResult.Rejected>(
            await Reviewer(server).ReviewAsync("t", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(500)]
    public async Task NoAnswerIsNoRejection(int code)
    {
        await using var server = StubServer.Start(c => StubServer.Json(c, code, "{}"));
        Assert.IsType<ReviewResult.Unavailable>(
            await Reviewer(server).ReviewAsync("t", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AGoodAnswerIsKeptForFiveMinutesAndABadOneIsNot()
    {
        var status = Good;
        await using var server = StubServer.Start(c => StubServer.Json(c, 201, $$"""{"status":{{status}}}"""));
        var reviewer = Reviewer(server);
        Task<ReviewResult> Review(string token) => reviewer.ReviewAsync(token, TestContext.Current.CancellationToken);
        await Review("a");
        time.Advance(TimeSpan.FromMinutes(4.9));
        await Review("a");
        Assert.Single(server.Requests);
        time.Advance(TimeSpan.FromMinutes(0.2));
        status = """{"authenticated":false}""";
        Assert.IsType<ReviewResult.Rejected>(await Review("a"));
        Assert.IsType<ReviewResult.Rejected>(await Review("a"));
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public async Task ATokenThatCannotBeOneIsNotAskedFor(int length)
    {
        await using var server = StubServer.Start(c => StubServer.Json(c, 201, "{}"));
        Assert.IsType<ReviewResult.Rejected>(
            await Reviewer(server).ReviewAsync(new string('x', length), TestContext.Current.CancellationToken));
        Assert.Empty(server.Requests);
    }

    private TokenReviewer Reviewer(StubServer server) =>
        new(server.Api(time), time, NullLogger<TokenReviewer>.Instance);
}
