using System.Collections.Frozen;

namespace RunnerScaler.GitHub.Http;

/// <summary>The path of a request with its variable parts replaced, so that a metric's label is bounded.</summary>
internal static class RouteTemplate
{
    private static readonly FrozenSet<string> Words = FrozenSet.Create(
        "access_tokens", "actions", "app", "deliveries", "deprecations", "generate-jitconfig", "hook", "installation",
        "installations", "jobs", "orgs", "repos", "repositories", "runner-groups", "runners", "runs", "user", "users");

    /// <summary>Set on a request that stands for another one: the route of that.</summary>
    public static readonly HttpRequestOptionsKey<string> Asked = new("route");

    /// <summary>The route of what was asked for, wherever it was redirected to.</summary>
    public static string Of(HttpRequestMessage request) =>
        request.Options.TryGetValue(Asked, out var asked) ? asked
        : request.RequestUri is { } address ? Of(address)
        : "/";

    public static string Of(Uri address)
    {
        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api", "v3", ..])
            parts = parts[2..];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = Name(parts, i);
        return "/" + string.Join('/', parts);
    }

    private static string Name(string[] parts, int at) => (parts[0], at) switch
    {
        ("repos" or "{other}", 1) => "{owner}",
        ("repos", 2) => "{repo}",
        ("orgs", 1) => "{org}",
        ("users", 1) => "{user}",
        ("repos", 0) or ("orgs", 0) or ("users", 0) => parts[at],
        _ when Words.Contains(parts[at]) => parts[at],
        _ when parts[at].All(char.IsAsciiDigit) => "{id}",
        _ => "{other}",
    };
}
