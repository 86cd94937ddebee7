using System.Text.RegularExpressions;

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
        foreach (Match use in Timed().Matches(file.Code))
            if (!TakesProvider(file.Code, use.Index + use.Length - 1))
                yield return new Finding(file.Path, file.LineAt(use.Index),
                    $"{use.Value.TrimEnd('(')} waits by the machine's clock; give it the TimeProvider");
    }

    /// <summary>Whether an argument is a time provider, or there is nothing to time.</summary>
    private static bool TakesProvider(string code, int open)
    {
        var arguments = Arguments(code, open);
        return arguments.Count == 0 || arguments.Any(a => Provider().IsMatch(a));
    }

    private static List<string> Arguments(string code, int open)
    {
        List<string> arguments = [];
        var depth = 0;
        var start = open + 1;
        for (var i = open; i < code.Length; i++)
        {
            depth += code[i] is '(' or '[' or '{' ? 1 : code[i] is ')' or ']' or '}' ? -1 : 0;
            if (depth > 0 && !(depth == 1 && code[i] == ','))
                continue;
            if (code[start..i].Trim() is { Length: > 0 } argument)
                arguments.Add(argument);
            start = i + 1;
            if (depth == 0)
                break;
        }

        return arguments;
    }

    [GeneratedRegex(
        @"\b(?:DateTime(?:Offset)?\.(?:Now|UtcNow|Today)|Stopwatch|Environment\.TickCount(?:64)?"
        + @"|Thread\.Sleep)\b")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"\b(?:Random\.Shared|TimeProvider\.System)\b")]
    private static partial Regex Source();

    [GeneratedRegex(@"\b(?:Task\.Delay|new\s+PeriodicTimer|new\s+CancellationTokenSource)\s*\(")]
    private static partial Regex Timed();

    [GeneratedRegex(@"(?:^|\.|_|:\s*)(?:time|clock|timeProvider|Time|Clock)$")]
    private static partial Regex Provider();
}
