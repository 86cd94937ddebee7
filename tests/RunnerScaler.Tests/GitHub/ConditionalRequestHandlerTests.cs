using System.Net;
using System.Security.Cryptography;
using System.Text;
using RunnerScaler.GitHub.Http;

namespace RunnerScaler.Tests.GitHub;

public sealed class ConditionalRequestHandlerTests
{
    private const string Body = """{"total_count":0,"workflow_runs":[]}""";

    private readonly AnswerCache cache = new(100, 100_000);
    private readonly List<string?> asked = [];
    private int remaining = 5000;

    [Fact]
    public async Task NotModifiedIsTheKeptBodyWithTheHeadersOfNow()
    {
        var pipe = Server(() => Body);
        await ReadAsync(await pipe.GetAsync());

        var second = await pipe.GetAsync();

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal("application/json", second.Content.Headers.ContentType?.MediaType);
        Assert.Equal("4999", second.Headers.GetValues("x-ratelimit-remaining").Single());
        Assert.Equal(Body, await ReadAsync(second));
        Assert.Equal([null, Tag(Body, "t1")], asked);
    }

    [Fact]
    public async Task NotModifiedIsWhatTheKeptBodyWasReadAs()
    {
        var body = Body;
        var pipe = Server(() => body);
        var first = Assert.IsType<KeptContent>((await pipe.GetAsync()).Content);
        first.Parsed.Value = "read";

        Assert.Equal("read", Assert.IsType<KeptContent>((await pipe.GetAsync()).Content).Parsed.Value);
        Assert.Equal("read", Assert.IsType<KeptContent>((await pipe.GetAsync(token: "t2")).Content).Parsed.Value);
        body = """{"total_count":1}""";
        Assert.Null(Assert.IsType<KeptContent>((await pipe.GetAsync()).Content).Parsed.Value);
    }

    [Fact]
    public async Task AnotherTokenStillAsksConditionally()
    {
        var pipe = Server(() => Body);
        await pipe.GetAsync();

        var rotated = await pipe.GetAsync(token: "t2");
        await pipe.GetAsync(token: "t2");

        Assert.Equal(Body, await ReadAsync(rotated));
        Assert.Equal([null, Tag(Body, "t2"), Tag(Body, "t2")], asked);
        Assert.Equal(4999, remaining);
    }

    [Fact]
    public async Task ABodyThatChangedUnderAnotherTokenIsReadAnew()
    {
        var body = Body;
        var pipe = Server(() => body);
        await pipe.GetAsync();
        body = """{"total_count":1}""";

        Assert.Equal(body, await ReadAsync(await pipe.GetAsync(token: "t2")));
        Assert.Equal(body, await ReadAsync(await pipe.GetAsync(token: "t2")));
        Assert.Equal(4998, remaining);
    }

    [Fact]
    public async Task TagsOfAnotherMakeAreNotPredicted()
    {
        var pipe = Server(() => Body, (_, _) => "W/\"v1\"");
        await pipe.GetAsync();
        await pipe.GetAsync(token: "t2");

        Assert.Equal([null, "W/\"v1\""], asked);
    }

    [Fact]
    public async Task WeakTagsArePredictedToo()
    {
        var pipe = Server(() => Body, (body, token) => "W/" + Tag(body, token));
        await pipe.GetAsync();
        await pipe.GetAsync(token: "t2");

        Assert.Equal(Tag(Body, "t2"), asked[1]);
    }

    [Fact]
    public async Task DifferentAddressesAndHoldersAreKeptApart()
    {
        var mine = Server(() => Body);
        await mine.GetAsync("orgs/acme/repos?page=1");
        await mine.GetAsync("orgs/acme/repos?page=2");
        var other = Server(() => Body, holder: "other");
        await other.GetAsync("orgs/acme/repos?page=1");

        Assert.Equal([null, null, null], asked);
    }

    [Theory]
    [InlineData("orgs/acme/actions/runners/5")]
    [InlineData("orgs/acme/actions/runners?name=linux-1")]
    public async Task SingleRunnersAreNotKept(string path)
    {
        var pipe = Server(() => Body);
        await pipe.GetAsync(path);
        await pipe.GetAsync(path);

        Assert.Equal([null, null], asked);
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public async Task WritesAndRefusalsAreNotKept()
    {
        var pipe = Server(() => Body);
        await pipe.SendAsync(HttpMethod.Post, "orgs/acme/actions/runners");
        var refusing = new Pipe(
            new ConditionalRequestHandler(cache, ""), _ => FakeGitHub.Refusal(HttpStatusCode.BadGateway));
        await refusing.GetAsync();

        Assert.Equal(0, cache.Count);
    }

    private static string Tag(string body, string token)
    {
        var text = Encoding.UTF8.GetBytes($"application/vnd.github+json:Bearer {token}:{body}");
        return $"\"{Convert.ToHexStringLower(SHA256.HashData(text))}\"";
    }

    private static Task<string> ReadAsync(HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    /// <summary>A server with GitHub's tags, or others, that counts what is not a 304.</summary>
    private Pipe Server(Func<string> body, Func<string, string, string>? tagOf = null, string holder = "acme") =>
        new(new ConditionalRequestHandler(cache, holder), request =>
        {
            var sent = request.Headers.TryGetValues("If-None-Match", out var tags) ? tags.Single() : null;
            asked.Add(sent);
            var tag = (tagOf ?? Tag)(body(), request.Headers.Authorization!.Parameter!);
            var same = sent is not null && EntityTag.Same(sent, tag);
            remaining -= same ? 0 : 1;
            var response = new HttpResponseMessage(same ? HttpStatusCode.NotModified : HttpStatusCode.OK);
            if (!same)
                response.Content = new StringContent(body(), Encoding.UTF8, "application/json");
            response.Headers.TryAddWithoutValidation("ETag", tag);
            response.Headers.Add("x-ratelimit-remaining", $"{remaining}");
            return response;
        });
}
