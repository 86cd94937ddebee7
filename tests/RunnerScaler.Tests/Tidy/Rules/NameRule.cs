using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Types are named in the words of the glossary; it says which words they do not have.</summary>
internal static partial class NameRule
{
    /// <param name="files">All C# files.</param>
    /// <param name="glossary">The words.</param>
    public static IEnumerable<Finding> Check(IEnumerable<SourceFile> files, Glossary glossary) =>
        from file in files
        from type in Members.Types(file)
        from Match word in Word().Matches(type.Name)
        where glossary.Rejected.Contains(word.Value)
        select new Finding(
            file.Path,
            type.Line,
            $"the type {type.Name} says {word.Value}; say {string.Join(" or ", glossary.Rejected[word.Value])}, "
                + "or another word of docs/glossary.md");

    /// <summary>Each word is explained once, in the order of the alphabet, and some type or member has it.</summary>
    public static IEnumerable<Finding> CheckGlossary(Glossary glossary, IEnumerable<SourceFile> source)
    {
        const string Page = "docs/glossary.md";
        var code = string.Join('\n', source.Select(f => f.Code));
        if (!glossary.Ours.SequenceEqual(glossary.Ours.Order(StringComparer.Ordinal).Distinct()))
            yield return new Finding(Page, 1, "explain each word once, in the order of the alphabet");
        foreach (var word in glossary.Ours.Where(w => !code.Contains(w, StringComparison.OrdinalIgnoreCase)))
            yield return new Finding(Page, 1, $"no code says {word}: take it off the page");
        foreach (var word in glossary.Ours.Where(w => glossary.Rejected.Any(
            r => r.Key.Equals(w, StringComparison.OrdinalIgnoreCase))))
            yield return new Finding(Page, 1, $"{word} is a word of ours and is not: decide");
    }

    // ServiceAccount is Kubernetes' word for a thing of its own.
    [GeneratedRegex(@"ServiceAccount|[A-Z][a-z0-9]*")]
    private static partial Regex Word();
}
