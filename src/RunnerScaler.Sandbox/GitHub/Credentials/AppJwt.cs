using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Credentials;

/// <summary>
/// The signed claim "I am this app", as GitHub accepts it: RS256, at most ten minutes long
/// (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app).
/// </summary>
internal sealed record AppJwt(string Issuer, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);

    private byte[] Signed { get; init; } = [];

    private byte[] Signature { get; init; } = [];

    /// <summary>Reads the parts without trusting them; null when the text is no RS256 token.</summary>
    public static AppJwt? Read(string token)
    {
        if (token.Split('.') is not [var header, var payload, var signature]) return null;
        try
        {
            using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            using var body = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            if (head.RootElement.GetProperty("alg").GetString() != "RS256") return null;
            return new AppJwt(
                $"{body.RootElement.GetProperty("iss")}",
                Time(body.RootElement.GetProperty("iat")),
                Time(body.RootElement.GetProperty("exp")))
            {
                Signed = Encoding.ASCII.GetBytes($"{header}.{payload}"),
                Signature = Base64Url.DecodeFromChars(signature),
            };
        }
        catch (Exception e) when (
            e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException
                or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Why GitHub would refuse it; null when it is valid.</summary>
    public string? Fault(RSA publicKey, DateTimeOffset now)
    {
        if (!publicKey.VerifyData(Signed, Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
            return "A JSON web token could not be decoded";
        if (IssuedAt > now)
            return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
        if (ExpiresAt <= now)
            return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
                + "assertion expires";
        return ExpiresAt > now + LongestLife ? "'Expiration time' claim ('exp') is too far in the future" : null;
    }

    private static DateTimeOffset Time(JsonElement seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds.GetInt64());
}
