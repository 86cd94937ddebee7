using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Nothing is left half done.</summary>
internal static partial class LeftoverRule
{
    // In two parts each, so that this file does not break its own rule.
    private static readonly string[] Marks = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception"];

    // A merge that was committed before it was finished.
    private static readonly string[] ConflictMarks = [new('<', 7), new('>', 7), new('|', 7), new('=', 7)];

    public static IEnumerable<Finding> Check(SourceFile file) => [.. CheckWords(file), .. CheckConflicts(file)];

    private static IEnumerable<Finding> CheckWords(SourceFile file) =>
        from numbered in file.Lines.Index()
        from Match word in Word().Matches(numbered.Item)
        where Marks.Contains(word.Value)
        select new Finding(file.Path, numbered.Index + 1,
            $"{word.Value}: finish it, or write an issue and say here what is so now");

    /// <summary>On a page, the middle mark alone may be the line under a heading.</summary>
    private static IEnumerable<Finding> CheckConflicts(SourceFile file) =>
        from numbered in file.Lines.Index()
        let line = numbered.Item.TrimEnd()
        where !(file.IsMarkdown && line == ConflictMarks[^1])
            && ConflictMarks.Any(m => line == m || line.StartsWith(m + " ", StringComparison.Ordinal))
        select new Finding(file.Path, numbered.Index + 1, "a mark of an unfinished merge: keep what both sides mean");

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
