using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Claims;

namespace RunnerScaler.Tests.Kubernetes.Claims;

public sealed class ClusterKeysTests : IDisposable
{
    private static readonly TokenProof Genuine = new TokenProof.Genuine(new PodIdentity("ci", "linux-7", "u-7"));

    private readonly FakeTimeProvider time = new(new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
    private readonly TestIssuer issuer;

    public ClusterKeysTests() => issuer = new(time);

    public void Dispose() => issuer.Dispose();

    [Fact]
    public async Task AGoodTokenNamesItsPod()
    {
        Assert.Equal(Genuine, await ProveAsync(issuer.ByRsa()));
        Assert.Equal(Genuine, await ProveAsync(issuer.ByCurve()));
    }

    [Fact]
    public async Task OneAudienceOfSeveralIsEnough()
    {
        Assert.Equal(Genuine, await ProveAsync(issuer.ByRsa(issuer.Claims(c => c["aud"] = "runnerscaler"))));
        Assert.Equal(Genuine, await ProveAsync(
            issuer.ByRsa(issuer.Claims(c => c["aud"] = new JsonArray("vault", "runnerscaler")))));
    }

    /// <summary>What the signed claims say is not for these keys alone to judge: the API server is asked.</summary>
    [Theory]
    [InlineData("aud", "\"another\"")]
    [InlineData("aud", "[]")]
    [InlineData("aud", "null")]
    [InlineData("aud", "[\"runnerscaler2\"]")]
    [InlineData("iss", "\"https://elsewhere.example\"")]
    [InlineData("iss", "\"https://kubernetes.default.svc/\"")]
    [InlineData("iss", "\"\"")]
    [InlineData("iss", "null")]
    [InlineData("exp", "0")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "1796040000")] // now
    [InlineData("nbf", "1796040061")] // in 61 s
    [InlineData("sub", "\"system:serviceaccount:ci:other\"")]
    [InlineData("sub", "\"system:serviceaccount:prod:default\"")]
    [InlineData("sub", "\"system:admin\"")]
    [InlineData("sub", "null")]
    [InlineData("kubernetes.io", "null")]
    [InlineData("kubernetes.io", "[]")]
    [InlineData("kubernetes.io", "{}")]
    [InlineData("kubernetes.io", """{"namespace":"ci","serviceaccount":{"name":"default"}}""")]
    [InlineData("kubernetes.io", """{"namespace":"ci","serviceaccount":{"name":"default"},"pod":{"name":"a"} }""")]
    [InlineData("kubernetes.io", """{"namespace":"ci","serviceaccount":{"name":"default"},"pod":{"uid":"a"} }""")]
    [InlineData("kubernetes.io",
        """{"namespace":"","serviceaccount":{"name":"default"},"pod":{"name":"a","uid":"u"} }""")]
    [InlineData("kubernetes.io", """{"namespace":7,"serviceaccount":[],"pod":{"name":"a","uid":{} } }""")]
    public async Task WhatIsSignedAndIsNoPodsTokenForUsIsUnproven(string claim, string value) =>
        Assert.IsType<TokenProof.Unproven>(
            await ProveAsync(issuer.ByRsa(issuer.Claims(c => c[claim] = JsonNode.Parse(value)))));

    [Theory]
    [InlineData("exp", "null")]
    [InlineData("exp", "\"tomorrow\"")]
    [InlineData("exp", "1e300")]
    [InlineData("exp", "[]")]
    [InlineData("nbf", "1e300")]
    [InlineData("nbf", "\"yesterday\"")]
    [InlineData("aud", "{}")]
    [InlineData("iss", "[7]")]
    public async Task WhatIsSignedAndHasNoFormOfATokenIsNotGenuine(string claim, string value) =>
        Assert.IsNotType<TokenProof.Genuine>(
            await ProveAsync(issuer.ByRsa(issuer.Claims(c => c[claim] = JsonNode.Parse(value)))));

    [Theory]
    [InlineData("exp", 1)]
    [InlineData("nbf", 60)]
    public async Task AsMuchAsTheServerClocksMayDiffer(string claim, int seconds) =>
        Assert.Equal(Genuine, await ProveAsync(issuer.ByRsa(
            issuer.Claims(c => c[claim] = time.GetUtcNow().ToUnixTimeSeconds() + seconds))));

    [Fact]
    public async Task ATokenEndsWithItsTime()
    {
        var token = issuer.ByCurve();
        time.Advance(TimeSpan.FromSeconds(3599));
        Assert.Equal(Genuine, await ProveAsync(token));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<TokenProof.Unproven>(await ProveAsync(token));
    }

    [Theory]
    [InlineData("""{"alg":"RS256","kid":"unknown"}""")]
    [InlineData("""{"alg":"RS256","kid":""}""")]
    [InlineData("""{"alg":"RS256","kid":null}""")]
    [InlineData("""{"alg":"RS256"}""")]
    [InlineData("""{"alg":"none"}""")]
    public async Task WhatAnotherKeyMayHaveSignedIsUnproven(string header) =>
        Assert.IsType<TokenProof.Unproven>(await ProveAsync(issuer.ByRsa(header: header)));

    /// <summary>A key verifies its one algorithm, whichever a token names.</summary>
    [Theory]
    [InlineData("""{"alg":"none","kid":"rsa"}""")]
    [InlineData("""{"alg":"None","kid":"rsa"}""")]
    [InlineData("""{"alg":"","kid":"rsa"}""")]
    [InlineData("""{"kid":"rsa"}""")]
    [InlineData("""{"alg":"HS256","kid":"rsa"}""")]
    [InlineData("""{"alg":"RS384","kid":"rsa"}""")]
    [InlineData("""{"alg":"RS512","kid":"rsa"}""")]
    [InlineData("""{"alg":"PS256","kid":"rsa"}""")]
    [InlineData("""{"alg":"ES256","kid":"rsa"}""")]
    [InlineData("""{"alg":"RS256","kid":"ec"}""")]
    [InlineData("""{"alg":["RS256"],"kid":"rsa"}""")]
    [InlineData("""{"alg":"rs256","kid":"rsa"}""")]
    public async Task AnAlgorithmThatIsNotTheKeysIsAForgery(string header) =>
        Assert.IsType<TokenProof.Forged>(await ProveAsync(issuer.ByRsa(header: header)));

    /// <summary>The public key is public: as the secret of an HMAC it would sign for everybody.</summary>
    [Fact]
    public async Task ThePublicKeyIsNoSecretToSignWith()
    {
        byte[][] publics =
        [
            issuer.Rsa.ExportSubjectPublicKeyInfo(), issuer.Rsa.ExportRSAPublicKey(),
            Encoding.ASCII.GetBytes(issuer.Rsa.ExportSubjectPublicKeyInfoPem()),
            Encoding.ASCII.GetBytes(issuer.RsaKey().ToJsonString()),
        ];
        foreach (var known in publics)
            Assert.IsType<TokenProof.Forged>(await ProveAsync(TestIssuer.Sign(
                """{"alg":"HS256","kid":"rsa"}""", issuer.Claims(), content => HMACSHA256.HashData(known, content))));
    }

    [Fact]
    public async Task AKeyThatATokenBringsIsNotBelieved()
    {
        using var own = RSA.Create(2048);
        var header = new JsonObject
        {
            ["alg"] = "RS256",
            ["kid"] = "rsa",
            ["jwk"] = issuer.RsaKey(of: own),
            ["jku"] = "https://attacker.example/keys",
            ["x5u"] = "https://attacker.example/chain",
        };
        Assert.IsType<TokenProof.Forged>(await ProveAsync(issuer.ByRsa(header: header.ToJsonString(), key: own)));
    }

    [Fact]
    public async Task AnotherKeysSignatureIsAForgery()
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.IsType<TokenProof.Forged>(await ProveAsync(issuer.ByRsa(key: rsa)));
        Assert.IsType<TokenProof.Forged>(await ProveAsync(issuer.ByCurve(key: curve)));
    }

    [Fact]
    public async Task WhatIsChangedOrCutOffIsAForgery()
    {
        var token = issuer.ByRsa();
        var parts = token.Split('.');
        var prod = TestIssuer.Encode(issuer.Claims(c => c["kubernetes.io"]!["pod"]!["uid"] = "u-8").ToJsonString());
        string[] broken =
        [
            $"{parts[0]}.{prod}.{parts[2]}", $"{parts[0]}.{parts[1]}.{parts[2][..^8]}", $"{parts[0]}.{parts[1]}.AA",
            $"{parts[0]}.{parts[1]}.{parts[2]}AAAA", $"{parts[0]}.{parts[1]}.!!!!", token[..^1], $"{token}.",
            $"{token}.x.y",
            $"e30.{parts[1]}", $"{parts[0]}..{parts[2]}", ".", "..", "...", "....", "", new string('.', 16_000),
            $"{parts[0]}.{parts[1]}.{new string('A', 100_000)}", new string('A', 100_000),
            $"{TestIssuer.Encode(new string('[', 5000))}.{parts[1]}.{parts[2]}", $"bnVsbA.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{TestIssuer.Encode("7")}.{parts[2]}",
        ];
        foreach (var forged in broken)
            Assert.IsNotType<TokenProof.Genuine>(await ProveAsync(forged));
        Assert.IsType<TokenProof.Forged>(await ProveAsync(broken[0]));
        Assert.Equal(Genuine, await ProveAsync(token));
    }

    /// <summary>Whatever bit of the signature, or of what it signs, is turned.</summary>
    [Fact]
    public async Task NoBitMayBeTurned()
    {
        var token = issuer.ByCurve();
        for (var at = 0; at < token.Length; at += 7)
            if (token[at] != '.')
            {
                var turned = token.ToCharArray();
                turned[at] = turned[at] == 'A' ? 'Q' : 'A';
                Assert.IsNotType<TokenProof.Genuine>(await ProveAsync(new string(turned)));
            }
    }

    [Theory]
    [InlineData("""{"keys":[]}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"keys":{"kid":"a"}}""")]
    [InlineData("""{"keys":[null,7,"a",[],{}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","kid":"a","n":"!","e":"AQAB"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","kid":"a"}]}""")]
    [InlineData("""{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","kid":"a","crv":"P-384","x":"AA","y":"AA"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","kid":"a","crv":"P-256"}]}""")]
    public void WhatIsNoKeyIsNotTaken(string published) => Assert.Null(issuer.Keys(published));

    [Theory]
    [InlineData("kid", "")]
    [InlineData("use", "enc")]
    [InlineData("alg", "RS512")]
    [InlineData("alg", "HS256")]
    [InlineData("kty", "oct")]
    public async Task AKeyForSomethingElseIsNotTakenAndTheOthersAre(string field, string value)
    {
        var other = issuer.RsaKey();
        other[field] = value;
        var keys = issuer.Keys(TestIssuer.Set(other, issuer.CurveKey()))!;
        Assert.IsType<TokenProof.Unproven>(await keys.ProveAsync(issuer.ByRsa(), time.GetUtcNow()));
        Assert.Equal(Genuine, await keys.ProveAsync(issuer.ByCurve(), time.GetUtcNow()));
    }

    [Fact]
    public void AnRsaKeyThatCanBeBrokenIsNotTaken()
    {
        using var small = RSA.Create(1024);
        Assert.Null(issuer.Keys(TestIssuer.Set(issuer.RsaKey(of: small))));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"issuer":""}""")]
    [InlineData("""{"issuer":7}""")]
    public void WithoutAnIssuerThereIsNothingToVerify(string configuration) =>
        Assert.Null(issuer.Keys(configuration: configuration));

    private Task<TokenProof> ProveAsync(string token) => issuer.Keys()!.ProveAsync(token, time.GetUtcNow());
}
