using System.Security.Cryptography;
using System.Text;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// GitHub's entity tags depend on the token, so that a new token makes every known one worthless. They are, though not
/// documented, SHA-256 over the values of <c>Accept</c> and <c>Authorization</c>, each followed by a colon, and the
/// body (<see href="https://github.com/bored-engineer/github-conditional-http-transport">how it was found out</see>);
/// so the tag that an unchanged body will have under a new token can be computed. A wrong prediction costs one ordinary
/// answer.
/// </summary>
internal static class EntityTag
{
    /// <param name="accept">The value of <c>Accept</c> that is sent.</param>
    /// <param name="authorization">The value of <c>Authorization</c> that is sent.</param>
    /// <param name="body">The body, uncompressed.</param>
    /// <returns>The tag with its quotes.</returns>
    public static string Predict(string accept, string authorization, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{accept}:{authorization}:"));
        hash.AppendData(body);
        return $"\"{Convert.ToHexStringLower(hash.GetHashAndReset())}\"";
    }

    /// <summary>Whether two tags mean the same body; weakness, which compression adds, does not matter here.</summary>
    public static bool Same(string a, string b) => Strong(a) == Strong(b);

    private static string Strong(string tag) => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;
}
