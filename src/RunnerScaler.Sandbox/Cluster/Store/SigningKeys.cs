using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// The keys of service-account tokens: the newest signs, and those before it are good until they are dropped. Made when
/// they are needed first.
/// </summary>
internal sealed class SigningKeys
{
    private const string Algorithm = "ES256";

    private readonly Lock guard = new();
    private ImmutableArray<Key> keys = [];

    /// <summary>From now on another key signs.</summary>
    public void Rotate()
    {
        lock (guard)
            keys = [Key.Create(), .. Present()];
    }

    /// <summary>What all but the newest key have signed is no longer valid.</summary>
    public void DropOld()
    {
        lock (guard)
            keys = Present()[..1];
    }

    /// <summary>
    /// The public keys, as a JSON Web Key Set (<see href="https://www.rfc-editor.org/rfc/rfc7517">RFC 7517</see>).
    /// </summary>
    public JsonObject PublicKeys() =>
        new() { ["keys"] = new JsonArray([.. Known().Select(k => (JsonNode)k.ToPublic())]) };

    /// <returns>
    /// The claims as a signed token (<see href="https://www.rfc-editor.org/rfc/rfc7519">RFC 7519</see>).
    /// </returns>
    public string Sign(JsonObject claims)
    {
        var key = Known()[0];
        var header = new JsonObject { ["alg"] = Algorithm, ["kid"] = key.Id };
        var content = $"{Encode(header)}.{Encode(claims)}";
        var signature = key.Pair.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    /// <returns>The claims of a token; null if none of the keys has signed it.</returns>
    public JsonNode? Read(string token)
    {
        if (token.Split('.') is not [var header, var claims, var signature])
            return null;
        try
        {
            var id = JsonNode.Parse(Base64Url.DecodeFromChars(header)).Text("kid");
            var content = Encoding.ASCII.GetBytes($"{header}.{claims}");
            return Known().FirstOrDefault(k => k.Id == id) is { } key
                && key.Pair.VerifyData(content, Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256)
                    ? JsonNode.Parse(Base64Url.DecodeFromChars(claims))
                    : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private ImmutableArray<Key> Known()
    {
        lock (guard)
            return Present();
    }

    private ImmutableArray<Key> Present() => keys = keys.IsEmpty ? [Key.Create()] : keys;

    private static string Encode(JsonObject part) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));

    /// <param name="Id">Follows from the public key, as at the real server.</param>
    /// <param name="Pair">The key.</param>
    private sealed record Key(string Id, ECDsa Pair)
    {
        public static Key Create()
        {
            var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return new(Base64Url.EncodeToString(SHA256.HashData(pair.ExportSubjectPublicKeyInfo())), pair);
        }

        public JsonObject ToPublic()
        {
            var point = Pair.ExportParameters(includePrivateParameters: false).Q;
            return new JsonObject
            {
                ["use"] = "sig",
                ["kty"] = "EC",
                ["kid"] = Id,
                ["crv"] = "P-256",
                ["alg"] = Algorithm,
                ["x"] = Base64Url.EncodeToString(point.X),
                ["y"] = Base64Url.EncodeToString(point.Y),
            };
        }
    }
}
