using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy;

/// <summary>A type that is declared in a file.</summary>
internal sealed record TypeName(string Name, int Line);

/// <summary>A method, constructor, operator or accessor: from the first line of its signature to its last.</summary>
internal sealed record Method(string Name, int Line, int Length);

/// <summary>The types and methods that a C# file declares.</summary>
internal static class Members
{
    /// <summary>All types, nested ones and delegates among them, in the order of their declarations.</summary>
    public static IEnumerable<TypeName> Types(SourceFile file) =>
        from node in file.Root.DescendantNodes(Declares)
        let name = NameOf(node)
        where name is not null
        select new TypeName(name.Value.Text, LineOf(name.Value));

    /// <summary>All methods; statements outside of any are one that is named after its file.</summary>
    public static IEnumerable<Method> Methods(SourceFile file)
    {
        var statements = file.Root.Members.OfType<GlobalStatementSyntax>().ToArray();
        if (statements.Length > 0)
            yield return Measured(Path.GetFileNameWithoutExtension(file.Path), statements[0], statements[^1]);
        foreach (var node in file.Root.DescendantNodes(n => Declares(n) || n is BasePropertyDeclarationSyntax))
            if (MethodName(node) is { } name)
                yield return Measured(name, node, node);
    }

    /// <summary>The line, counted from 1, on which something begins.</summary>
    public static int LineOf(SyntaxNodeOrToken at) => at.SyntaxTree!.GetLineSpan(at.Span).StartLinePosition.Line + 1;

    /// <summary>Whether types or methods can be declared directly in it.</summary>
    private static bool Declares(SyntaxNode node) =>
        node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax or TypeDeclarationSyntax
            or AccessorListSyntax;

    private static SyntaxToken? NameOf(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier,
        DelegateDeclarationSyntax type => type.Identifier,
        _ => null,
    };

    private static string? MethodName(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        OperatorDeclarationSyntax @operator => @operator.OperatorToken.Text,
        BaseMethodDeclarationSyntax => "operator",
        AccessorDeclarationSyntax { Body: not null } accessor => accessor.Keyword.Text,
        PropertyDeclarationSyntax { ExpressionBody: { } body } property when IsLong(body) =>
            property.Identifier.Text,
        _ => null,
    };

    /// <summary>Properties of one line would hide how long methods are; tables and other data are no code.</summary>
    private static bool IsLong(ArrowExpressionClauseSyntax body) =>
        body.Expression is not (CollectionExpressionSyntax or BaseObjectCreationExpressionSyntax)
        && body.ToString().Contains('\n', StringComparison.Ordinal);

    /// <summary>Attributes are no part of what has to be read.</summary>
    private static Method Measured(string name, SyntaxNode first, SyntaxNode last)
    {
        var start = first.ChildNodesAndTokens().First(c => !c.IsKind(SyntaxKind.AttributeList));
        var end = last.SyntaxTree.GetLineSpan(last.Span).EndLinePosition.Line + 1;
        return new(name, LineOf(start), end - LineOf(start) + 1);
    }
}
