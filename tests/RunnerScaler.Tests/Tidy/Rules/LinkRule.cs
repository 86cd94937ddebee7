using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>What a page of the documentation points to in the repository is there.</summary>
internal static partial class LinkRule
{
    public static IEnumerable<Finding> Check(SourceFile page, Func<string, bool> exists) =>
        from numbered in page.Lines.Index()
        from Match link in Link().Matches(numbered.Item)
        let target = link.Groups["target"].Value
        where !exists(Resolve(page.Path, target))
        select new Finding(page.Path, numbered.Index + 1,
            $"the link to {target} leads nowhere; correct it or remove it");

    private static string Resolve(string page, string target)
    {
        var folder = Path.GetDirectoryName(Path.Combine("/", page)) ?? "/";
        return Path.GetFullPath(Path.Combine(folder, target)).TrimStart('/');
    }

    // Relative targets without their fragment; addresses and links within the page are not meant.
    [GeneratedRegex(@"\]\((?!\w+:|#)(?<target>[^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
