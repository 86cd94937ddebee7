using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Claims;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Kubernetes.Claims;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Kubernetes;

/// <summary>Reviews at a server that publishes its keys.</summary>
public sealed class TokenVerificationTests : IAsyncDisposable
{
    private static readonly ReviewResult Vouched = new ReviewResult.Pod(new PodIdentity("ci", "linux-7", "vouched"));
    private static readonly ReviewResult Verified = new ReviewResult.Pod(new PodIdentity("ci", "linux-7", "u-7"));

    private readonly FakeTimeProvider time = new(new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
    private readonly TestIssuer issuer;
    private readonly StubServer server;
    private readonly FakePods pods;
    private readonly TokenReviewer reviewer;
    private Func<HttpContext, Task> keys;

    public TokenVerificationTests()
    {
        issuer = new(time);
        keys = Publish(issuer.Published);
        server = StubServer.Start(context => (string?)context.Request.Path switch
        {
            ResourcePaths.TokenReviews => StubServer.Json(context, 201, """
                {"status":{"authenticated":true,"audiences":["runnerscaler"],"user":{
                 "username":"system:serviceaccount:ci:default","extra":{
                 "authentication.kubernetes.io/pod-name":["linux-7"],
                 "authentication.kubernetes.io/pod-uid":["vouched"]} } } }
                """),
            ResourcePaths.IssuerConfiguration => StubServer.Json(context, 200, TestIssuer.Configuration),
            _ => keys(context),
        });
        pods = new FakePods(new Journal(), time);
        pods.Put(Given.Pod(7) with { Uid = "u-7" });
        reviewer = new TokenReviewer(
            server.Api(time), new ClusterKeySource(server.Api(time), time, NullLogger<ClusterKeySource>.Instance), pods,
            time, NullLogger<TokenReviewer>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Readings => server.Requests.Count(r => r.EndsWith("/jwks", StringComparison.Ordinal));

    private int Reviews => server.Requests.Count(r => r.EndsWith("/tokenreviews", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        issuer.Dispose();
    }

    [Fact]
    public async Task ATokenOfAPodThatTheWatchShowsCostsNoReview()
    {
        for (var i = 0; i < 100; i++)
            Assert.Equal(Verified, await ReviewAsync(i % 2 == 0 ? issuer.ByRsa() : issuer.ByCurve()));
        Assert.Equal((0, 1), (Reviews, Readings));
    }

    [Fact]
    public async Task ThoseWhoComeAtOnceHaveTheKeysReadOnce()
    {
        var open = new TaskCompletionSource();
        keys = async context =>
        {
            await open.Task;
            await Publish(issuer.Published)(context);
        };
        var crowd = Enumerable.Range(0, 50).Select(_ => ReviewAsync(issuer.ByRsa())).ToList();
        open.SetResult();
        Assert.All(await Task.WhenAll(crowd), result => Assert.Equal(Verified, result));
        Assert.Equal((0, 1), (Reviews, Readings));
    }

    [Fact]
    public async Task APodThatTheWatchDoesNotShowIsAskedAbout()
    {
        pods.Put(Given.Pod(7) with { Uid = "another" });
        Assert.Equal(Vouched, await ReviewAsync(issuer.ByRsa()));
        pods.Remove(7);
        Assert.Equal(Vouched, await ReviewAsync(issuer.ByCurve()));
        Assert.Equal(2, Reviews);
    }

    [Fact]
    public async Task AForgeryIsRefusedAndCostsNoReview()
    {
        using var other = RSA.Create(2048);
        for (var i = 0; i < 20; i++)
            Assert.IsType<ReviewResult.Rejected>(await ReviewAsync(
                issuer.ByRsa(issuer.Claims(c => c["jti"] = $"{i}"), key: other)));
        Assert.Equal((0, 1), (Reviews, Readings));
    }

    [Fact]
    public async Task ATokenOfAnotherAudienceIsRefused()
    {
        Assert.IsType<ReviewResult.Rejected>(await ReviewAsync(issuer.ByRsa(issuer.Claims(c => c["aud"] = "vault"))));
        Assert.Equal(0, Reviews);
    }

    [Fact]
    public async Task WhatTheKeysDoNotTellIsAskedOfTheServer()
    {
        string[] tokens =
        [
            issuer.ByRsa(header: """{"alg":"RS256","kid":"unknown"}"""),
            issuer.ByRsa(issuer.Claims(c => c["iss"] = "https://old-issuer.example")),
            issuer.ByRsa(issuer.Claims(c => c["exp"] = time.GetUtcNow().ToUnixTimeSeconds() - 5)),
        ];
        foreach (var token in tokens)
            Assert.Equal(Vouched, await ReviewAsync(token));
        Assert.Equal((3, 1), (Reviews, Readings));
    }

    [Fact]
    public async Task ARotatedKeyIsReadWhenItsFirstTokenComes()
    {
        Assert.Equal(Verified, await ReviewAsync(issuer.ByRsa()));
        using var next = RSA.Create(2048);
        keys = Publish(TestIssuer.Set(issuer.RsaKey("next", next), issuer.RsaKey()));
        time.Advance(ClusterKeySource.Pause);
        var token = issuer.ByRsa(header: """{"alg":"RS256","kid":"next"}""", key: next);
        Assert.Equal(Verified, await ReviewAsync(token));
        Assert.Equal(Verified, await ReviewAsync(issuer.ByRsa()));
        Assert.Equal((0, 2), (Reviews, Readings));
    }

    /// <summary>A signer of the cluster's own may give another key the old name.</summary>
    [Fact]
    public async Task ANewKeyOfAnOldNameIsReadWhenItsFirstTokenComes()
    {
        await ReviewAsync(issuer.ByRsa());
        using var next = RSA.Create(2048);
        keys = Publish(TestIssuer.Set(issuer.RsaKey(of: next)));
        time.Advance(ClusterKeySource.Pause);
        Assert.Equal(Verified, await ReviewAsync(issuer.ByRsa(key: next)));
        Assert.IsType<ReviewResult.Rejected>(await ReviewAsync(issuer.ByRsa()));
        Assert.Equal((0, 2), (Reviews, Readings));
    }

    [Fact]
    public async Task HoweverManyUnknownKeysAreNamedTheKeysAreReadOnceInAWhile()
    {
        await ReviewAsync(issuer.ByRsa());
        for (var i = 0; i < 90; i++)
        {
            await ReviewAsync(issuer.ByRsa(header: $$"""{"alg":"RS256","kid":"{{i}}"}"""));
            time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(Readings, 3, 4);
    }

    [Fact]
    public async Task AKeyThatTheClusterHasDroppedDoesNotLast()
    {
        await ReviewAsync(issuer.ByRsa());
        keys = Publish(TestIssuer.Set(issuer.CurveKey()));
        time.Advance(ClusterKeySource.GoodFor);
        await ReviewAsync(issuer.ByRsa());
        await Eventually.Holds(() => Readings == 2 && server.Open == 0, "they are read again");
        await Eventually.Holds(
            () => ReviewAsync(issuer.ByRsa()).GetAwaiter().GetResult() == Vouched, "the server is asked about it");
    }

    [Fact]
    public async Task NobodyWaitsForKeysThatAreReadAgain()
    {
        await ReviewAsync(issuer.ByRsa());
        keys = StubServer.Forever;
        time.Advance(ClusterKeySource.GoodFor);
        Assert.Equal(Verified, await ReviewAsync(issuer.ByRsa()));
        Assert.Equal(Verified, await ReviewAsync(issuer.ByCurve()));
        Assert.Equal(0, Reviews);
    }

    [Fact]
    public async Task KeysThatCannotBeReadAgainAreUsedForTenMinutes()
    {
        await ReviewAsync(issuer.ByRsa());
        keys = context => StubServer.Json(context, 500, "{}");
        time.Advance(ClusterKeySource.LastFor - TimeSpan.FromSeconds(1));
        Assert.Equal(Verified, await ReviewAsync(issuer.ByRsa()));
        await Eventually.Holds(() => Readings == 2 && server.Open == 0, "they are tried");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Vouched, await ReviewAsync(issuer.ByRsa()));
        time.Advance(ClusterKeySource.Pause);
        keys = Publish(issuer.Published);
        Assert.Equal(Verified, await ReviewAsync(issuer.ByCurve()));
    }

    [Theory]
    [InlineData(403, """{"message":"forbidden: User \"x\" cannot get path \"/openid/v1/jwks\""}""")]
    [InlineData(404, "404 page not found")]
    [InlineData(500, "{}")]
    [InlineData(200, "<html>")]
    [InlineData(200, "{}")]
    [InlineData(200, """{"keys":[{"kty":"oct","kid":"rsa","k":"AAAA"}]}""")]
    public async Task WithoutKeysTheServerReviews(int code, string body)
    {
        keys = context => StubServer.Json(context, code, body);
        Assert.Equal(Vouched, await ReviewAsync(issuer.ByRsa()));
        Assert.Equal(Vouched, await ReviewAsync(issuer.ByCurve()));
        Assert.Equal((2, 1), (Reviews, Readings));
        time.Advance(ClusterKeySource.Pause);
        keys = Publish(issuer.Published);
        Assert.Equal(Verified, await ReviewAsync(issuer.ByRsa(issuer.Claims(c => c["jti"] = "new"))));
    }

    private static Func<HttpContext, Task> Publish(string set) => context =>
    {
        // As API servers do, which do not give a key set to those who ask for JSON.
        Assert.Equal("application/jwk-set+json", context.Request.Headers.Accept);
        return StubServer.Json(context, 200, set);
    };

    private Task<ReviewResult> ReviewAsync(string token) => reviewer.ReviewAsync(token, Cancel);
}
