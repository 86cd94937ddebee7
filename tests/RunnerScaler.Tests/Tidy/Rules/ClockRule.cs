using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Time and chance are given, so that tests can give others. The composition names the real ones.</summary>
internal static partial class ClockRule
{
    private const string Composition = "src/RunnerScaler/Hosting";

    public static IEnumerable<Finding> Check(SourceFile file)
    {
        foreach (Match use in Source().Matches(file.Code))
            if (!file.IsUnder(Composition))
                yield return new Finding(file.Path, file.LineAt(use.Index),
                    $"{use.Value} outside {Composition}; take the one that was injected");
        foreach (Match use in WallClock().Matches(file.Code))
            yield return new Finding(file.Path, file.LineAt(use.Index),
                $"{use.Value} reads the machine's clock or chance; take a TimeProvider, a Random, or the value itself");
        foreach (var (what, arguments) in Timed(file.Root))
            if (arguments.Count > 0 && !arguments.Any(a => Provider().IsMatch(a.Expression.ToString())))
                yield return new Finding(file.Path, Members.LineOf(arguments.First()),
                    $"{what} waits by the machine's clock; give it the TimeProvider");
    }

    /// <summary>What waits, and with which arguments; without any there is nothing to time.</summary>
    private static IEnumerable<(string What, SeparatedSyntaxList<ArgumentSyntax> Arguments)> Timed(SyntaxNode root) =>
        from list in root.DescendantNodes().OfType<ArgumentListSyntax>()
        let what = list.Parent switch
        {
            InvocationExpressionSyntax call => call.Expression.ToString(),
            ObjectCreationExpressionSyntax made => $"new {made.Type}",
            _ => "",
        }
        where what is "Task.Delay" or "new PeriodicTimer" or "new CancellationTokenSource"
        select (what, list.Arguments);

    [GeneratedRegex(
        @"\b(?:DateTime(?:Offset)?\.(?:Now|UtcNow|Today)|Stopwatch|Environment\.TickCount(?:64)?"
        + @"|Thread\.Sleep)\b")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"\b(?:Random\.Shared|TimeProvider\.System)\b")]
    private static partial Regex Source();

    [GeneratedRegex(@"(?:^|\.|_)(?:time|clock|timeProvider|Time|Clock)$")]
    private static partial Regex Provider();
}
