using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>What a page points to in the repository is there: the file, and the heading in it.</summary>
internal static class LinkRule
{
    /// <param name="page">The page.</param>
    /// <param name="exists">Whether a file or folder exists, by its path from the root.</param>
    /// <param name="headings">The names of a page's headings, by its path; null if it is no page.</param>
    public static IEnumerable<Finding> Check(
        MarkdownPage page, Func<string, bool> exists, Func<string, IReadOnlySet<string>?> headings) =>
        from link in page.Document.Descendants<LinkInline>()
        let target = link.Url ?? ""
        where !target.Contains("://", StringComparison.Ordinal)
            && !target.StartsWith("mailto:", StringComparison.Ordinal)
            && !LeadsSomewhere(page.Path, target, exists, headings)
        select new Finding(page.Path, link.Line + 1, $"the link to {target} leads nowhere; correct it or remove it");

    private static bool LeadsSomewhere(
        string page, string target, Func<string, bool> exists, Func<string, IReadOnlySet<string>?> headings)
    {
        var (path, heading) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, "");
        var resolved = path.Length == 0 ? page : Resolve(page, path);
        return exists(resolved)
            && (heading.Length == 0 || headings(resolved) is not { } all || all.Contains(heading));
    }

    private static string Resolve(string page, string target)
    {
        var folder = Path.GetDirectoryName(Path.Combine("/", page)) ?? "/";
        return Path.GetFullPath(Path.Combine(folder, target)).TrimStart('/');
    }
}
