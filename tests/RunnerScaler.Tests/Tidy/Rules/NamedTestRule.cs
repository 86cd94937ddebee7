using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>
/// A table whose last column is headed "held by" names tests, as <c>Class.Method</c> or <c>Class</c>: they exist.
/// </summary>
internal static partial class NamedTestRule
{
    /// <param name="page">The page.</param>
    /// <param name="tests">The test sources.</param>
    public static IEnumerable<Finding> Check(SourceFile page, IReadOnlyCollection<SourceFile> tests)
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
                    if (!Exists(name.Groups[1].Value, name.Groups[2].Value, tests))
                        yield return new(page.Path, line + 1, $"there is no test {name.Value}: correct the name");
            }
        }
    }

    private static bool Exists(string type, string method, IEnumerable<SourceFile> tests) => tests.Any(t =>
        Regex.IsMatch(t.Code, $@"\bclass {type}\b")
        && (method.Length == 0 || Regex.IsMatch(t.Code, $@"\b(?:void|Task) {method}\(")));

    [GeneratedRegex(@"`(\w+)(?:\.(\w+))?`")]
    private static partial Regex Name();
}
