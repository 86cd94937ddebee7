using System.Collections.Frozen;

namespace RunnerScaler.GitHub.Http;

/// <summary>The path of a request with its variable parts replaced, so that a metric's label is bounded.</summary>
internal static class RouteTemplate
{
    private static readonly FrozenSet<string> Words = FrozenSet.Create(
        "access_tokens", "actions", "app", "generate-jitconfig", "installation", "installations", "jobs", "orgs",
        "repos", "repositories", "runner-groups", "runners", "runs", "user", "users");

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
