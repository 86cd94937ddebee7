using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Log lines are <c>[LoggerMessage]</c> methods: constant texts, and no cost when nobody listens.</summary>
internal static partial class LogRule
{
    public static IEnumerable<Finding> Check(SourceFile file) =>
        from Match use in Inline().Matches(file.Code)
        select new Finding(file.Path, file.LineAt(use.Index),
            $"{use.Value.TrimEnd('(')} in line; "
            + "make it a private partial method with [LoggerMessage] at the end of the class");

    [GeneratedRegex(@"\b\w+\??\.Log(?:Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex Inline();
}
