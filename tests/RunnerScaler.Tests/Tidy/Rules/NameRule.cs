using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Types are named after what they are; some words say nothing.</summary>
internal static partial class NameRule
{
    private static readonly HashSet<string> Empty =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Service", "Services"];

    public static IEnumerable<Finding> Check(SourceFile file) =>
        from type in Members.Types(file)
        from Match word in Word().Matches(type.Name)
        where Empty.Contains(word.Value)
        select new Finding(file.Path, type.Line,
            $"the type {type.Name} says {word.Value}; name it after its role, in the words of docs/architecture.md");

    // ServiceAccount is Kubernetes' word for a thing of its own.
    [GeneratedRegex(@"ServiceAccount|[A-Z][a-z0-9]*")]
    private static partial Regex Word();
}
