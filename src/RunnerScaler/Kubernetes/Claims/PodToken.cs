using System.Buffers.Text;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Claims;

/// <summary>
/// What a projected service-account token says of itself
/// (<see href="https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/"/>). Whether it is true, only
/// the API server knows.
/// </summary>
internal static class PodToken
{
    private const int Longest = 16 * 1024;

    /// <summary>Clocks differ, and the API server has the last word; this only spares it what is long over.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromHours(1);

    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 8 };

    /// <summary>Whether it can be a token for the claims of pods, so that asking the API server makes sense.</summary>
    public static bool MayBeValid(string token, DateTimeOffset now)
    {
        if (token.Length > Longest
            || token.Split('.') is not [{ Length: > 0 }, { Length: > 0 } middle, { Length: > 0 }])
            return false;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(middle), Shallow);
            JsonElement? root = claims.RootElement;
            return IsForUs(root) && root.Member("exp") is { ValueKind: JsonValueKind.Number } expires
                && expires.TryGetDouble(out var seconds)
                && seconds > (now - Tolerance).ToUnixTimeSeconds();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsForUs(JsonElement? claims) =>
        claims.Text("aud") == ClaimProtocol.Audience || claims.Each("aud").Any(
            a => a.ValueKind == JsonValueKind.String && a.ValueEquals(ClaimProtocol.Audience));
}
