using System.Text;

namespace RunnerImage.Images;

/// <summary>
/// The name of an image as Docker's programs read and complete it
/// (https://github.com/distribution/reference): <c>app</c> means <c>docker.io/library/app:latest</c>.
/// </summary>
/// <param name="Domain">The registry, with its port.</param>
/// <param name="Path">The repository in it.</param>
/// <param name="Tag">The tag; null if there is none.</param>
/// <param name="Digest">The digest; null if there is none.</param>
internal sealed record ImageReference(string Domain, string Path, string? Tag, string? Digest)
{
    /// <summary>The domain of names that have none.</summary>
    public const string DefaultDomain = "docker.io";

    public const int LongestTag = 128;

    private const string OldDomain = "index.docker.io";
    private const string Library = "library/";
    private const string Latest = "latest";
    private const int LongestName = 255;

    /// <summary>The repository with its registry, such as <c>docker.io/library/app</c>.</summary>
    public string Repository => $"{Domain}/{Path}";

    /// <summary>The repository in the shortest form that means the same: <c>app</c>.</summary>
    public string FamiliarRepository => Domain != DefaultDomain
        ? Repository
        : Path.StartsWith(Library, StringComparison.Ordinal) && !Path[Library.Length..].Contains('/')
            ? Path[Library.Length..]
            : Path;

    /// <summary>The whole name, with the tag that it has or means: <c>docker.io/library/app:latest</c>.</summary>
    public string Name => $"{Repository}:{Tag ?? Latest}";

    /// <summary>The same as Docker shows it: <c>app:latest</c>.</summary>
    public string Familiar => $"{FamiliarRepository}:{Tag ?? Latest}";

    /// <summary>The name that a Dockerfile's FROM is compared with: without the tag <c>latest</c>.</summary>
    public string ContextName => Tag is null or Latest ? FamiliarRepository : Familiar;

    /// <summary>Whether the registry is on this machine, where Docker's programs speak plain HTTP too.</summary>
    public bool IsLoopback =>
        Host is "localhost" or "::1" || (System.Net.IPAddress.TryParse(Host, out var ip)
            && System.Net.IPAddress.IsLoopback(ip));

    private string Host => Domain.StartsWith('[')
        ? Domain[1..Math.Max(1, Domain.IndexOf(']', StringComparison.Ordinal))]
        : Domain.Split(':')[0];

    /// <returns>Null if it is no name of an image.</returns>
    public static ImageReference? Parse(string text)
    {
        var (rest, digest) = Cut(text, text.IndexOf('@', StringComparison.Ordinal));
        if (digest is not null && !Images.Digest.IsValid(digest))
            return null;
        var slash = rest.LastIndexOf('/');
        var colon = rest.IndexOf(':', slash + 1);
        (rest, var tag) = Cut(rest, colon);
        if (tag is not null && !IsTag(tag))
            return null;
        var (domain, path) = Split(rest);
        return IsDomain(domain) && IsPath(path) && domain.Length + 1 + path.Length <= LongestName
            ? new(domain, path, tag, digest)
            : null;
    }

    private static (string Before, string? After) Cut(string text, int at) =>
        at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);

    private static (string Domain, string Path) Split(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        var isDomain = first == "localhost" || first.AsSpan().ContainsAny('.', ':')
            || first.Any(char.IsAsciiLetterUpper);
        var (domain, path) = isDomain ? (first, name[(slash + 1)..]) : (DefaultDomain, name);
        if (domain == OldDomain)
            domain = DefaultDomain;
        return (domain, domain == DefaultDomain && !path.Contains('/') ? Library + path : path);
    }

    /// <summary>Whether a text can be a tag.</summary>
    public static bool IsTag(string tag) =>
        tag.Length is > 0 and <= LongestTag && tag[0] is not ('.' or '-')
        && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private static bool IsDomain(string domain)
    {
        var end = domain.StartsWith('[') ? domain.IndexOf(']', StringComparison.Ordinal) : -1;
        if (domain.StartsWith('[') && (end < 0 || !System.Net.IPAddress.TryParse(domain[1..end], out _)))
            return false;
        var (host, port) = Cut(end < 0 ? domain : "x" + domain[(end + 1)..],
            (end < 0 ? domain : "x" + domain[(end + 1)..]).IndexOf(':', StringComparison.Ordinal));
        return (port is null || (port.Length > 0 && port.All(char.IsAsciiDigit)))
            && host.Split('.').All(label => label.Length > 0 && label[0] != '-' && label[^1] != '-'
                && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
    }

    private static bool IsPath(string path) => path.Split('/').All(IsComponent);

    /// <summary>Letters and digits, with one dot, one or two underscores, or dashes between them.</summary>
    private static bool IsComponent(string component)
    {
        if (component.Length == 0 || !IsAlphanumeric(component[0]) || !IsAlphanumeric(component[^1]))
            return false;
        var separator = new StringBuilder();
        foreach (var c in component)
        {
            if (!IsAlphanumeric(c))
                separator.Append(c);
            else if (separator.Length > 0)
            {
                var text = separator.ToString();
                if (text is not ("." or "_" or "__") && text.Any(s => s != '-'))
                    return false;
                separator.Clear();
            }
        }

        return true;
    }

    private static bool IsAlphanumeric(char c) => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c);
}
