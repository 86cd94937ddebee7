using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Claims;

/// <summary>What the cluster's keys say of a token.</summary>
internal abstract record TokenProof
{
    /// <summary>The cluster has signed it for our audience; it is good now, and bound to this pod.</summary>
    public sealed record Genuine(PodIdentity Pod) : TokenProof;

    /// <summary>It says that one of the keys has signed it, which is not so; or it is no token at all.</summary>
    public sealed record Forged : TokenProof;

    /// <summary>
    /// The keys alone do not tell: another key may have signed it, or it is of an issuer or of times that the API
    /// server may know better.
    /// </summary>
    public sealed record Unproven : TokenProof;
}

/// <summary>
/// The public keys of service-account tokens, as the API server publishes them
/// (<see href="https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery">issuer
/// discovery</see>).
/// </summary>
internal sealed class ClusterKeys
{
    private const int SmallestModulus = 2048;
    private const string Bound = "kubernetes.io";

    /// <summary>As much as the API server itself lets clocks differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>A key that is kept by its name could verify what another key of that name signed.</summary>
    private static readonly CryptoProviderFactory Crypto = new() { CacheSignatureProviders = false };

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    private readonly string issuer;
    private readonly FrozenDictionary<string, Key> keys;

    private ClusterKeys(string issuer, FrozenDictionary<string, Key> keys) => (this.issuer, this.keys) = (issuer, keys);

    /// <param name="configuration">The answer of <see cref="ResourcePaths.IssuerConfiguration"/>.</param>
    /// <param name="published">The answer of <see cref="ResourcePaths.IssuerKeys"/>: a JSON Web Key Set.</param>
    /// <returns>Null if there is no key that we can verify with.</returns>
    public static ClusterKeys? Read(JsonElement? configuration, JsonElement? published)
    {
        if (configuration.Text("issuer") is not { Length: > 0 } issuer)
            return null;
        var keys = new Dictionary<string, Key>(StringComparer.Ordinal);
        foreach (var one in published.Each("keys"))
            if (KeyOf(one) is { } key)
                keys.TryAdd(key.Public.KeyId, key);
        return keys.Count == 0 ? null : new(issuer, keys.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>Verifies a token; asks nobody.</summary>
    public async Task<TokenProof> ProveAsync(string token, DateTimeOffset now)
    {
        JsonWebToken read;
        try
        {
            read = new JsonWebToken(token);
            if (!keys.TryGetValue(read.Kid ?? "", out var key))
                return new TokenProof.Unproven();
            var result = await Handler.ValidateTokenAsync(read, Rules(key, now));
            if (!result.IsValid)
                return result.Exception
                    is SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException
                        ? new TokenProof.Forged()
                        : new TokenProof.Unproven();
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or JsonException)
        {
            return new TokenProof.Forged();
        }
        return PodOf(read) is { } pod ? new TokenProof.Genuine(pod) : new TokenProof.Unproven();
    }

    private TokenValidationParameters Rules(Key key, DateTimeOffset now) => new()
    {
        ValidIssuer = issuer,
        ValidAudience = ClaimProtocol.Audience,
        IssuerSigningKey = key.Public,
        CryptoProviderFactory = Crypto,
        TryAllIssuerSigningKeys = false,
        ValidAlgorithms = [key.Algorithm],
        LifetimeValidator = (from, to, _, _) => to is not null && now < to && !(now + Skew < from),
    };

    // Of the key's own kind, whatever a token says: an algorithm that the token may choose can be chosen to deceive.
    private static Key? KeyOf(JsonElement published)
    {
        JsonElement? key = published;
        if (key.Text("kid") is not { Length: > 0 } id || key.Text("use") is not (null or "sig"))
            return null;
        var made = (key.Text("kty"), key.Text("crv"), key.Text("alg")) switch
        {
            ("RSA", _, null or SecurityAlgorithms.RsaSha256) => new Key(new JsonWebKey
            {
                Kty = JsonWebAlgorithmsKeyTypes.RSA,
                Kid = id,
                N = key.Text("n"),
                E = key.Text("e"),
            }, SecurityAlgorithms.RsaSha256),
            ("EC", "P-256", null or SecurityAlgorithms.EcdsaSha256) when HasPoint(key) => new Key(new JsonWebKey
            {
                Kty = JsonWebAlgorithmsKeyTypes.EllipticCurve,
                Kid = id,
                Crv = JsonWebKeyECTypes.P256,
                X = key.Text("x"),
                Y = key.Text("y"),
            }, SecurityAlgorithms.EcdsaSha256),
            _ => null,
        };
        return made is not null && CanVerify(made) ? made : null;
    }

    /// <summary>Whether a key of a curve has its coordinates: the library asks for them when it verifies.</summary>
    private static bool HasPoint(JsonElement? key) =>
        key.Text("x") is { Length: > 0 } && key.Text("y") is { Length: > 0 };

    private static bool CanVerify(Key key)
    {
        try
        {
            if (key.Public.Kty == JsonWebAlgorithmsKeyTypes.RSA && key.Public.KeySize < SmallestModulus)
                return false;
            Crypto.ReleaseSignatureProvider(Crypto.CreateForVerifying(key.Public, key.Algorithm));
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException
            or NotSupportedException or CryptographicException)
        {
            return false;
        }
    }

    private static PodIdentity? PodOf(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<JsonElement>(Bound, out var bound))
            return null;
        var (ns, pod) = (bound.Text("namespace"), bound.Member("pod"));
        var account = bound.Member("serviceaccount").Text("name");
        return ns is { Length: > 0 } && token.Subject == $"system:serviceaccount:{ns}:{account}"
            && pod.Text("name") is { Length: > 0 } name && pod.Text("uid") is { Length: > 0 } uid
                ? new PodIdentity(ns, name, uid)
                : null;
    }

    /// <param name="Public">The key.</param>
    /// <param name="Algorithm">The only one that it verifies.</param>
    private sealed record Key(JsonWebKey Public, string Algorithm);
}
