using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>Folders are namespaces.</summary>
internal static partial class NamespaceRule
{
    public static IEnumerable<Finding> Check(SourceFile file)
    {
        var folders = file.Path.Split('/')[1..^1];
        var expected = string.Join('.', folders);
        var found = Declaration().Match(file.Code);
        if (!found.Success && !Members.Types(file).Any())
            yield break;
        var name = found.Groups["name"];
        if (name.Value != expected)
            yield return new Finding(file.Path, found.Success ? file.LineAt(name.Index) : 1,
                $"the namespace is {(found.Success ? name.Value : "missing")}; its folder asks for {expected}");
    }

    [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
