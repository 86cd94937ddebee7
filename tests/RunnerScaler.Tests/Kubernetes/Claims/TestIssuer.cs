using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Kubernetes.Claims;

namespace RunnerScaler.Tests.Kubernetes.Claims;

/// <summary>Signs tokens as API servers do, and as those would who are none.</summary>
internal sealed class TestIssuer : IDisposable
{
    public const string Name = "https://kubernetes.default.svc";

    private const string Bound = """
        {"namespace":"ci","serviceaccount":{"name":"default","uid":"s"},"pod":{"name":"linux-7","uid":"u-7"} }
        """;

    private readonly FakeTimeProvider time;

    public TestIssuer(FakeTimeProvider time) => this.time = time;

    public RSA Rsa { get; } = RSA.Create(2048);

    public ECDsa Curve { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        Rsa.Dispose();
        Curve.Dispose();
    }

    public static string Configuration => $$"""{"issuer":"{{Name}}","jwks_uri":"https://elsewhere/openid/v1/jwks"}""";

    public JsonObject RsaKey(string id = "rsa", RSA? of = null)
    {
        var key = (of ?? Rsa).ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["use"] = "sig",
            ["kty"] = "RSA",
            ["kid"] = id,
            ["alg"] = "RS256",
            ["n"] = Base64Url.EncodeToString(key.Modulus),
            ["e"] = Base64Url.EncodeToString(key.Exponent),
        };
    }

    public JsonObject CurveKey(string id = "ec", ECDsa? of = null)
    {
        var point = (of ?? Curve).ExportParameters(includePrivateParameters: false).Q;
        return new JsonObject
        {
            ["use"] = "sig",
            ["kty"] = "EC",
            ["kid"] = id,
            ["alg"] = "ES256",
            ["crv"] = "P-256",
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
    }

    public string Published => Set(RsaKey(), CurveKey());

    public static string Set(params JsonNode[] keys) =>
        new JsonObject { ["keys"] = new JsonArray(keys) }.ToJsonString();

    public ClusterKeys? Keys(string? published = null, string? configuration = null) => ClusterKeys.Read(
        Parse(configuration ?? Configuration), Parse(published ?? Published));

    /// <summary>The claims of a projected token of pod ci/linux-7, good for an hour.</summary>
    public JsonObject Claims(Action<JsonObject>? change = null)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["aud"] = new JsonArray("runnerscaler"),
            ["exp"] = now + 3600,
            ["iat"] = now,
            ["iss"] = Name,
            ["kubernetes.io"] = JsonNode.Parse(Bound),
            ["nbf"] = now,
            ["sub"] = "system:serviceaccount:ci:default",
        };
        change?.Invoke(claims);
        return claims;
    }

    public string ByRsa(
        JsonObject? claims = null, string header = """{"alg":"RS256","kid":"rsa"}""", RSA? key = null) =>
        Sign(header, claims ?? Claims(), content =>
            (key ?? Rsa).SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public string ByCurve(
        JsonObject? claims = null, string header = """{"alg":"ES256","kid":"ec"}""", ECDsa? key = null) =>
        Sign(header, claims ?? Claims(), content => (key ?? Curve).SignData(content, HashAlgorithmName.SHA256));

    public static string Sign(string header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var content = $"{Encode(header)}.{Encode(claims.ToJsonString())}";
        return $"{content}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(content)))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
