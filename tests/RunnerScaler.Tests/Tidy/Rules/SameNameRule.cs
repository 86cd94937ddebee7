using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>
/// One name, one thing: in a project no two types have the same name, except as one with and one without type
/// parameters, and no type is named as one of the project's folders. Nested types are said with their owner's name, so
/// that two may share one, but none hides a type that is not nested.
/// </summary>
internal static class SameNameRule
{
    /// <param name="files">The C# files of one project.</param>
    public static IEnumerable<Finding> Check(IEnumerable<SourceFile> files)
    {
        var all = files.SelectMany(Declarations).ToArray();
        var folders = all.SelectMany(d => d.File.Path.Split('/')[2..^1]).ToHashSet();
        foreach (var same in all.GroupBy(d => d.Key).Where(g => g.Any(d => !d.IsNested)))
            foreach (var other in same.DistinctBy(d => d.Whole).OrderBy(d => d.IsNested).Skip(1))
                yield return new Finding(other.File.Path, Members.LineOf(other.Type.Identifier),
                    $"{other.Whole} has the name of {same.First(d => d.Whole != other.Whole).Whole}; "
                    + "name each after what only it is");
        foreach (var type in all.Where(d => folders.Contains(d.Key)))
            yield return new Finding(type.File.Path, Members.LineOf(type.Type.Identifier),
                $"{type.Key} is a type and a folder, and so a namespace; name one of them otherwise");
    }

    private static IEnumerable<Declaration> Declarations(SourceFile file) =>
        from type in file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        let owners = type.Ancestors().OfType<TypeDeclarationSyntax>().Reverse().Select(t => t.Identifier.Text)
        let folder = string.Join('.', file.Path.Split('/')[2..^1])
        let arity = (type as TypeDeclarationSyntax)?.Arity ?? 0
        select new Declaration(
            file, type, arity == 0 ? type.Identifier.Text : $"{type.Identifier.Text}`{arity}",
            string.Join('.', [folder, .. owners, type.Identifier.Text]),
            owners.Any());

    private sealed record Declaration(
        SourceFile File, BaseTypeDeclarationSyntax Type, string Key, string Whole, bool IsNested);
}
