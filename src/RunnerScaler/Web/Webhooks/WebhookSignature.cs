using System.Security.Cryptography;

namespace RunnerScaler.Web.Webhooks;

/// <summary>
/// <see href="https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries">How GitHub signs</see>:
/// <c>sha256=</c> and the HMAC of the body's bytes, in hexadecimal digits.
/// </summary>
internal static class WebhookSignature
{
    private const string Scheme = "sha256=";

    /// <returns>What the header claims; null if it cannot be a signature.</returns>
    public static byte[]? Read(string? header)
    {
        var claimed = new byte[HMACSHA256.HashSizeInBytes];
        return header?.StartsWith(Scheme, StringComparison.Ordinal) == true
            && header.Length == Scheme.Length + (2 * claimed.Length)
            && Convert.FromHexString(header.AsSpan(Scheme.Length), claimed, out _, out _)
                == System.Buffers.OperationStatus.Done
                    ? claimed
                    : null;
    }

    /// <summary>
    /// Whether the body was signed with one of the secrets. How long it takes tells neither which, nor how much of a
    /// wrong signature is right.
    /// </summary>
    public static bool IsOf(ReadOnlySpan<byte> body, ReadOnlySpan<byte> claimed, IEnumerable<byte[]> secrets)
    {
        var (isSigned, mac) = (false, new byte[HMACSHA256.HashSizeInBytes]);
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(secret, body, mac);
            isSigned |= CryptographicOperations.FixedTimeEquals(mac, claimed);
        }
        return isSigned;
    }
}
