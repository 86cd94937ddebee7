using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>
/// A table whose last column is headed "held by" names tests, as <c>Class.Method</c> or <c>Class</c>: they exist.
/// </summary>
internal static partial class NamedTestRule
{
    /// <param name="page">The page.</param>
    /// <param name="tests">The <see cref="Names"/> of the tests that there are.</param>
    public static IEnumerable<Finding> Check(SourceFile page, IReadOnlySet<string> tests)
    {
        var inTable = false;
        for (var line = 0; line < page.Lines.Length; line++)
        {
            var cells = page.Lines[line].Trim().Trim('|').Split('|');
            if (!page.Lines[line].StartsWith('|'))
                inTable = false;
            else if (cells[^1].Trim() == "held by")
                inTable = true;
            else if (inTable && !cells[^1].Contains("---", StringComparison.Ordinal))
            {
                var names = Name().Matches(cells[^1]);
                if (names.Count == 0)
                    yield return new(page.Path, line + 1, "names no test: write `Class.Method`");
                foreach (Match name in names)
                    if (!tests.Contains(name.Value.Trim('`')))
                        yield return new(page.Path, line + 1, $"there is no test {name.Value}: correct the name");
            }
        }
    }

    /// <summary>All classes, as <c>Class</c>, and their methods, as <c>Class.Method</c>.</summary>
    public static IReadOnlySet<string> Names(IEnumerable<SourceFile> tests) =>
        (from file in tests
         from type in file.Root.DescendantNodes().OfType<ClassDeclarationSyntax>()
         from name in type.Members.OfType<MethodDeclarationSyntax>().Select(m => $".{m.Identifier.Text}").Append("")
         select type.Identifier.Text + name).ToHashSet();

    [GeneratedRegex(@"`\w+(?:\.\w+)?`")]
    private static partial Regex Name();
}
