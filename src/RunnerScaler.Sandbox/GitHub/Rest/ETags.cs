using System.Security.Cryptography;
using System.Text;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// GitHub's entity tags: SHA-256 over the values of <c>Accept</c>, <c>Authorization</c> and <c>Cookie</c>, each
/// followed by a colon, and the body. So a tag holds for one token only
/// (https://github.com/bored-engineer/github-conditional-http-transport).
/// </summary>
internal static class ETags
{
    private static readonly string[] Varying = ["Accept", "Authorization", "Cookie"];

    public static string Compute(IHeaderDictionary request, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var value in Varying.SelectMany(name => request[name].ToArray()))
            hash.AppendData(Encoding.UTF8.GetBytes($"{value}:"));
        hash.AppendData(body);
        return $"\"{Convert.ToHexStringLower(hash.GetHashAndReset())}\"";
    }

    public static bool Matches(IHeaderDictionary request, string tag) =>
        request.IfNoneMatch.ToArray()
            .SelectMany(value => value?.Split(',', StringSplitOptions.TrimEntries) ?? [])
            .Any(value => value == "*" || value == tag || value == $"W/{tag}");
}
