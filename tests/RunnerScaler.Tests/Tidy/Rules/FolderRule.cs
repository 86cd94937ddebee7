using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Of two folders of a project, at most one uses the other.</summary>
internal static class FolderRule
{
    /// <param name="files">The C# files of one project.</param>
    /// <param name="known">Pairs that still use each other, as <c>A - B</c> in the order of the alphabet.</param>
    public static IEnumerable<Finding> Check(IEnumerable<SourceFile> files, IReadOnlyCollection<string> known)
    {
        var uses = files.SelectMany(Uses).ToArray();
        var directions = uses.Select(u => (u.From, u.To)).ToHashSet();
        var both = uses.Where(u => directions.Contains((u.To, u.From))).ToArray();
        foreach (var use in both.Where(u => !known.Contains(Pair(u))))
            yield return new Finding(use.Path, use.Line,
                $"{use.From} and {use.To} use each other; move what both need to one of them, or further down");
        foreach (var pair in known.Except(both.Select(Pair)))
            yield return new Finding("tests/RunnerScaler.Tests/Tidy/RepositoryTests.cs", 1,
                $"{pair} no longer use each other: take them off the list");
    }

    private static string Pair(Use use) => string.CompareOrdinal(use.From, use.To) < 0
        ? $"{use.From} - {use.To}"
        : $"{use.To} - {use.From}";

    /// <summary>The namespaces of the same project that a file takes in.</summary>
    private static IEnumerable<Use> Uses(SourceFile file) =>
        from use in file.Root.DescendantNodes().OfType<UsingDirectiveSyntax>()
        let folders = file.Path.Split('/')[1..^1]
        let name = use.NamespaceOrType.ToString()
        where folders.Length > 1 && use.Alias is null && use.StaticKeyword == default
            && name.StartsWith(folders[0] + ".", StringComparison.Ordinal)
        select new Use(file.Path, Members.LineOf(use), string.Join('.', folders), name);

    private sealed record Use(string Path, int Line, string From, string To);
}
