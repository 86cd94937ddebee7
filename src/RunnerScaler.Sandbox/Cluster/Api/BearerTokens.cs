using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>Who asks.</summary>
internal sealed record KubeUser(string Name, IReadOnlyList<string> Groups)
{
    /// <summary>Nobody: the request had no valid token.</summary>
    public static KubeUser Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);
}

/// <summary>The static tokens of the API server, as its <c>--token-auth-file</c> would hold them.</summary>
internal sealed class BearerTokens
{
    private readonly ConcurrentDictionary<string, KubeUser> users = new(StringComparer.Ordinal);

    /// <summary>
    /// Makes a token for a user; the user's name tells requests apart in <see cref="RequestCounts"/>.
    /// </summary>
    public string Issue(string user, params IReadOnlyList<string> groups)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        users[token] = new KubeUser(user, [.. groups, "system:authenticated"]);
        return token;
    }

    public KubeUser? Find(string token) => users.GetValueOrDefault(token);
}
