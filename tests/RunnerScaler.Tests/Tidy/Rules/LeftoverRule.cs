using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Nothing is left half done.</summary>
internal static partial class LeftoverRule
{
    // In two parts each, so that this file does not break its own rule.
    private static readonly string[] Marks = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception"];

    public static IEnumerable<Finding> Check(SourceFile file) =>
        from numbered in file.Lines.Index()
        from Match word in Word().Matches(numbered.Item)
        where Marks.Contains(word.Value)
        select new Finding(file.Path, numbered.Index + 1,
            $"{word.Value}: finish it, or write an issue and say here what is so now");

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
