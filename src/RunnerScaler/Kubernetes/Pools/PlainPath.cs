namespace RunnerScaler.Kubernetes.Pools;

/// <summary>Paths in a container as the kernel would find them, so that two spellings of one place are equal.</summary>
internal static class PlainPath
{
    /// <summary>In images of every distribution the first is a link to the second.</summary>
    private static readonly (string Link, string Place)[] Links = [("/var/run", "/run"), ("/var/lock", "/run/lock")];

    /// <summary>The path from the root, without <c>.</c>, <c>..</c>, doubled and closing slashes, and links.</summary>
    public static string Of(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            Follow(parts);
        }
        return "/" + string.Join('/', parts);
    }

    /// <summary>Whether a path begins with the same text as <paramref name="prefix"/>, both plain.</summary>
    public static bool StartsWith(string path, string prefix) =>
        Of(path).StartsWith(Of(prefix), StringComparison.Ordinal);

    // As soon as a link is reached: what follows, such as "..", is meant from where it leads.
    private static void Follow(List<string> parts)
    {
        foreach (var (link, place) in Links)
            if ("/" + string.Join('/', parts) == link)
            {
                parts.Clear();
                parts.AddRange(place.Split('/', StringSplitOptions.RemoveEmptyEntries));
            }
    }
}
