using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>
/// What needs many others does too much. Records of plain data may have as many values as a thing has; one that holds
/// an interface, a delegate, a log or a clock is none.
/// </summary>
internal static class ConstructorRule
{
    public const int Parameters = 8;

    private static readonly string[] Parts = ["Func", "Action", "ILogger", "TimeProvider", "Random", "Lazy"];

    private static readonly string[] Collections =
        ["IReadOnly", "IEnumerable", "IImmutable", "IDictionary", "IList", "ICollection", "ISet"];

    /// <param name="files">The C# files.</param>
    /// <param name="known">Types that still have more parts, and how many; neither may grow.</param>
    public static IEnumerable<Finding> Check(
        IReadOnlyCollection<SourceFile> files, IReadOnlyDictionary<string, int> known)
    {
        var all = files.AsParallel().SelectMany(Large).ToLookup(l => l.Type);
        foreach (var (type, at, count) in all.SelectMany(l => l))
            if (count > known.GetValueOrDefault(type, Parameters))
                yield return at with
                {
                    Message = $"{type} is made of {count} parts, at most {known.GetValueOrDefault(type, Parameters)}; "
                        + "give a part of its work, with what that needs, to a type of its own",
                };
        foreach (var (type, count) in known)
            if (all[type].Select(l => l.Count).DefaultIfEmpty().Max() < count)
                yield return new Finding("tests/RunnerScaler.Tests/Tidy/RepositoryTests.cs", 1,
                    $"{type} is made of fewer than {count} parts now: say so in the list, or take it off");
    }

    private static IEnumerable<(string Type, Finding At, int Count)> Large(SourceFile file) =>
        from type in file.Root.DescendantNodes().OfType<TypeDeclarationSyntax>()
        from list in type.Members.OfType<ConstructorDeclarationSyntax>().Select(c => c.ParameterList)
            .Append(type.ParameterList)
        where list is not null && list.Parameters.Count > Parameters && !IsPlainData(type, list)
        select (type.Identifier.Text, new Finding(file.Path, Members.LineOf(list), ""), list.Parameters.Count);

    private static bool IsPlainData(TypeDeclarationSyntax type, ParameterListSyntax list) =>
        type is RecordDeclarationSyntax && !list.Parameters.Any(p => p.Type is { } t && IsPart(t.ToString()));

    private static bool IsPart(string type) =>
        Parts.Any(p => type.StartsWith(p, StringComparison.Ordinal))
        || (type is ['I', >= 'A' and <= 'Z', ..]
            && !Collections.Any(c => type.StartsWith(c, StringComparison.Ordinal)));
}
