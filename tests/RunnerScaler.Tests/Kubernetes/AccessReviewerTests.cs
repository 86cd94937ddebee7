using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes;

namespace RunnerScaler.Tests.Kubernetes;

public sealed class AccessReviewerTests
{
    private const string Token = "any-kind-of-token";

    private const string Jane = """
        {"authenticated":true,"audiences":["https://kubernetes.default.svc"],
         "user":{"username":"jane","uid":"u-1","groups":["devs"],"extra":{"scopes.example.com":["a"]}}}
        """;

    private static readonly ImmutableArray<string> namespaces = ["a", "b"];

    private readonly FakeTimeProvider time = new();
    private readonly ConcurrentQueue<string> asked = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("get a", false, false, "a")]
    [InlineData("get a,get b", false, false, "a b")]
    [InlineData("get ", true, false, "")]
    [InlineData("get ,list ", true, true, "")]
    [InlineData("list ", false, true, "")]
    [InlineData("", false, false, "")]
    public async Task ACallerIsToldOfWhatHeMayGet(string rights, bool everywhere, bool unserved, string read)
    {
        await using var server = StubServer.Start(c => AnswerAsync(c, Jane, rights.Split(',')));
        var known = Assert.IsType<AccessResult.Known>(await Reviewer(server).ReviewAsync(Token, namespaces, Cancel));
        Assert.Equal((everywhere, unserved), (known.Reader.Everywhere, known.Reader.Unserved));
        Assert.Equal(read, string.Join(' ', known.Reader.Namespaces.Order()));
    }

    [Fact]
    public async Task WhereOnlySomeNamespacesAreServedTheirJobsAreAskedForThere()
    {
        await using var server = StubServer.Start(c => AnswerAsync(c, Jane, ["get a", "list a"]));
        var known = Assert.IsType<AccessResult.Known>(
            await Reviewer(server, "a").ReviewAsync(Token, ["a"], Cancel));
        Assert.True(known.Reader.Unserved);
        known = Assert.IsType<AccessResult.Known>(
            await Reviewer(server, "a", "b").ReviewAsync(Token, namespaces, Cancel));
        Assert.False(known.Reader.Unserved);
    }

    [Fact]
    public async Task WhatTheApiServerSaysOfTheCallerIsAskedAbout()
    {
        List<JsonNode> bodies = [];
        await using var server = StubServer.Start(async c =>
        {
            var body = JsonNode.Parse(await StubServer.Body(c))!;
            lock (bodies)
                bodies.Add(body);
            var isToken = (string?)body["kind"] == "TokenReview";
            await StubServer.Json(c, 201, isToken ? $$"""{"status":{{Jane}}}""" : """{"status":{"allowed":true}}""");
        });
        await Reviewer(server).ReviewAsync(Token, namespaces, Cancel);
        Assert.Equal(Token, (string?)bodies[0]["spec"]!["token"]);
        Assert.Null(bodies[0]["spec"]!["audiences"]);
        var spec = bodies[1]["spec"]!;
        Assert.Equal(("jane", "u-1"), ((string?)spec["user"], (string?)spec["uid"]));
        Assert.Equal("""["devs"]""", spec["groups"]!.ToJsonString());
        Assert.Equal("""{"scopes.example.com":["a"]}""", spec["extra"]!.ToJsonString());
        Assert.Equal(
            """{"verb":"get","group":"runnerscaler.io","resource":"runnerpools","namespace":""}""",
            spec["resourceAttributes"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"authenticated":false}""")]
    [InlineData("""{"authenticated":"true","user":{"username":"jane"}}""")]
    [InlineData("""{"authenticated":true,"user":{"username":""}}""")]
    [InlineData("""{"authenticated":true}""")]
    [InlineData("{}")]
    public async Task ATokenThatIsNotValidIsRejectedAndNotAskedForAgainForAWhile(string status)
    {
        await using var server = StubServer.Start(c => AnswerAsync(c, status, ["get "]));
        var reviewer = Reviewer(server);
        for (var i = 0; i < 3; i++)
            Assert.IsType<AccessResult.Rejected>(await reviewer.ReviewAsync(Token, namespaces, Cancel));
        Assert.Single(server.Requests);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.IsType<AccessResult.Rejected>(await reviewer.ReviewAsync(Token, namespaces, Cancel));
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a\u00e9")]
    [InlineData("a\n")]
    public async Task WhatCannotBeATokenIsNotAskedFor(string token)
    {
        await using var server = StubServer.Start(c => AnswerAsync(c, Jane, ["get "]));
        Assert.IsType<AccessResult.Rejected>(await Reviewer(server).ReviewAsync(token, namespaces, Cancel));
        Assert.IsType<AccessResult.Rejected>(
            await Reviewer(server).ReviewAsync(new string('a', 20_000), namespaces, Cancel));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task AnswersAreKeptForHalfAMinuteAndThenARightThatWasTakenAwayIsMissed()
    {
        string[] rights = ["get "];
        await using var server = StubServer.Start(c => AnswerAsync(c, Jane, rights));
        var reviewer = Reviewer(server);
        await reviewer.ReviewAsync(Token, namespaces, Cancel);
        var first = server.Requests.Count;
        rights = [];
        var kept = Assert.IsType<AccessResult.Known>(await reviewer.ReviewAsync(Token, namespaces, Cancel));
        Assert.Equal((true, first), (kept.Reader.Everywhere, server.Requests.Count));
        time.Advance(TimeSpan.FromSeconds(31));
        var anew = Assert.IsType<AccessResult.Known>(await reviewer.ReviewAsync(Token, namespaces, Cancel));
        Assert.False(anew.Reader.Everywhere);
    }

    [Theory]
    [InlineData("tokenreviews", 500)]
    [InlineData("subjectaccessreviews", 500)]
    [InlineData("subjectaccessreviews", 403)]
    public async Task NoAnswerIsNoRejectionAndGivesNothing(string resource, int code)
    {
        await using var server = StubServer.Start(c =>
            c.Request.Path.Value!.EndsWith("/" + resource, StringComparison.Ordinal)
                ? StubServer.Json(c, code, """
                    {"kind":"Status","reason":"Forbidden","code":403,
                     "message":"subjectaccessreviews.authorization.k8s.io is forbidden: User \"c\" cannot create
                     resource \"subjectaccessreviews\" at the cluster scope"}
                    """.ReplaceLineEndings(""))
                : AnswerAsync(c, Jane, ["get "]));
        var result = await Reviewer(server).ReviewAsync(Token, namespaces, Cancel);
        var why = Assert.IsType<AccessResult.Unavailable>(result).Why;
        Assert.Equal(resource == "subjectaccessreviews", why.Length > 0);
        if (code == 403)
            Assert.Contains("the verb 'create' on 'subjectaccessreviews'", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyWhoAskAtOnceAreOneQuestion()
    {
        var go = new TaskCompletionSource();
        await using var server = StubServer.Start(async c =>
        {
            await go.Task;
            await AnswerAsync(c, Jane, ["get ", "list "]);
        });
        var reviewer = Reviewer(server);
        var all = Enumerable.Range(0, 20).Select(_ => reviewer.ReviewAsync(Token, namespaces, Cancel)).ToArray();
        go.SetResult();
        Assert.All(await Task.WhenAll(all), r => Assert.IsType<AccessResult.Known>(r));
        Assert.Equal(3, server.Requests.Count);
    }

    private AccessReviewer Reviewer(StubServer server, params string[] served) =>
        new(server.Api(time), served, time, NullLogger<AccessReviewer>.Instance);

    private async Task AnswerAsync(HttpContext context, string status, string[] rights)
    {
        var body = JsonNode.Parse(await StubServer.Body(context))!;
        if ((string?)body["kind"] == "TokenReview")
        {
            await StubServer.Json(context, 201, $$"""{"status":{{status}}}""");
            return;
        }
        var attributes = body["spec"]!["resourceAttributes"]!;
        var right = $"{attributes["verb"]} {attributes["namespace"]}";
        asked.Enqueue(right);
        var allowed = rights.Contains(right) ? "true" : "false";
        await StubServer.Json(context, 201, $"{{\"status\":{{\"allowed\":{allowed}}}}}");
    }
}
