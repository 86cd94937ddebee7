using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy.Dead;

/// <summary>What one file uses: each use belongs to the member, or the type, that is written around it.</summary>
internal sealed class Uses
{
    private static readonly string[] Writers = ["System.Text.Json", "System.Net.Http.Json", "Microsoft.AspNetCore"];

    private static readonly HashSet<string> Comparisons =
    [
        "Distinct", "DistinctBy", "GroupBy", "ToDictionary", "ToLookup", "ToHashSet", "ToFrozenSet", "Contains",
        "Except", "ExceptBy", "Union", "UnionBy", "Intersect", "SequenceEqual", "SetEquals", "Join", "CountBy",
    ];

    private readonly SemanticModel model;

    private Uses(SemanticModel model) => this.model = model;

    /// <summary>What is used, by what uses it; <see langword="null"/> is the program itself.</summary>
    public List<(ISymbol? By, ISymbol Used)> Known { get; } = [];

    /// <summary>Names whose meaning only a generator's output would tell.</summary>
    public HashSet<string> Unknown { get; } = [];

    /// <summary>Types of which all members matter: compared, printed, taken apart, or written as JSON.</summary>
    public HashSet<ITypeSymbol> Whole { get; } = new(SymbolEqualityComparer.Default);

    public static Uses Of(CSharpCompilation compilation, SyntaxTree tree)
    {
        var uses = new Uses(compilation.GetSemanticModel(tree));
        foreach (var node in tree.GetRoot().DescendantNodes(n => n is not UsingDirectiveSyntax))
            uses.Add(node);
        return uses;
    }

    private void Add(SyntaxNode node)
    {
        switch (node)
        {
            case SimpleNameSyntax { IsVar: false } name:
                AddName(name);
                break;
            case BinaryExpressionSyntax pair when pair.OperatorToken.Text is "==" or "!=":
                AddWhole(model.GetTypeInfo(pair.Left).Type);
                break;
            case InterpolationSyntax shown:
                AddWhole(model.GetTypeInfo(shown.Expression).Type);
                break;
            case TypeOfExpressionSyntax { Parent.Parent.Parent: AttributeSyntax attribute } written
                when attribute.Name.ToString() == "JsonSerializable":
                AddWhole(model.GetTypeInfo(written.Type).Type);
                break;
            case RecursivePatternSyntax { PositionalPatternClause: not null } pattern:
                AddWhole(model.GetTypeInfo(pattern).ConvertedType);
                break;
            case AssignmentExpressionSyntax { Left: TupleExpressionSyntax or DeclarationExpressionSyntax } assignment:
                AddWhole(model.GetTypeInfo(assignment.Right).Type);
                break;
            case ForEachVariableStatementSyntax each:
                AddWhole(model.GetForEachStatementInfo(each).ElementType);
                break;
            case ElementAccessExpressionSyntax or ImplicitElementAccessSyntax or BaseObjectCreationExpressionSyntax:
                AddSymbols(node, model.GetSymbolInfo(node));
                break;
        }
    }

    private void AddName(SimpleNameSyntax name)
    {
        var info = model.GetSymbolInfo(name);
        if (info.Symbol is null && info.CandidateSymbols.IsEmpty)
            Unknown.Add(name.Identifier.Text);
        if (!IsWrite(name) || info.Symbol is not (IFieldSymbol or IPropertySymbol) || !IsStored(info.Symbol))
            AddSymbols(name, info);
    }

    private void AddSymbols(SyntaxNode at, SymbolInfo info)
    {
        foreach (var symbol in info.Symbol is { } one ? [one] : info.CandidateSymbols)
        {
            if (symbol is IMethodSymbol method)
                AddArguments(method);
            if (symbol is INamedTypeSymbol { TypeArguments: [var key, ..] } named && IsKeyed(named.Name))
                AddWhole(key);
            if (symbol.Locations.Any(l => l.IsInSource) && Definition(symbol) is { } used)
                Known.Add((Around(at), used));
        }
    }

    /// <summary>A type that is given to a method of others: it may be compared there, or written.</summary>
    private void AddArguments(IMethodSymbol method)
    {
        var types = method.TypeArguments;
        var place = method.ContainingNamespace.ToDisplayString();
        foreach (var type in types.Where(t => t.TypeKind == TypeKind.Enum || Writers.Any(place.StartsWith)))
            AddWhole(type);
        if (types.Length > 0 && Comparisons.Contains(method.Name))
            AddWhole(types.Length > 1 ? types[1] : types[0]);
    }

    private static bool IsKeyed(string type) =>
        type.Contains("Dictionary", StringComparison.Ordinal) || type.Contains("Set", StringComparison.Ordinal)
        || type.Contains("Queue", StringComparison.Ordinal) || type is "IEquatable" or "Lookup";

    private void AddWhole(ITypeSymbol? type)
    {
        if (type is INamedTypeSymbol { TypeArguments: var arguments })
            foreach (var argument in arguments)
                AddWhole(argument);
        if (type is { Locations: [{ IsInSource: true }, ..] })
            Whole.Add(type.OriginalDefinition);
    }

    /// <summary>Whether nothing happens when it is set but that a value is kept.</summary>
    private static bool IsStored(ISymbol symbol) =>
        symbol.DeclaringSyntaxReferences.Select(r => r.GetSyntax()).All(s => s
            is VariableDeclaratorSyntax or ParameterSyntax
            || (s is PropertyDeclarationSyntax { AccessorList.Accessors: var all } && all.All(IsAutomatic)));

    private static bool IsAutomatic(AccessorDeclarationSyntax accessor) =>
        accessor is { Body: null, ExpressionBody: null };

    private static bool IsWrite(SimpleNameSyntax name)
    {
        SyntaxNode target = name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access : name;
        return target.Parent is AssignmentExpressionSyntax set
            && set.IsKind(SyntaxKind.SimpleAssignmentExpression) && set.Left == target;
    }

    private static ISymbol? Definition(ISymbol symbol) => symbol switch
    {
        IMethodSymbol { MethodKind: MethodKind.LocalFunction or MethodKind.AnonymousFunction } => null,
        IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } constructor =>
            constructor.ContainingType.OriginalDefinition,
        IMethodSymbol { AssociatedSymbol: { } property } => property.OriginalDefinition,
        IMethodSymbol { ReducedFrom: { } extension } => extension.OriginalDefinition,
        IMethodSymbol { PartialDefinitionPart: { } definition } => definition.OriginalDefinition,
        IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol or INamedTypeSymbol =>
            symbol.OriginalDefinition,
        _ => null,
    };

    private ISymbol? Around(SyntaxNode node)
    {
        var member = node.Ancestors().FirstOrDefault(a => a
            is BaseMethodDeclarationSyntax or BasePropertyDeclarationSyntax or BaseTypeDeclarationSyntax
            or VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax }
            or EnumMemberDeclarationSyntax or DelegateDeclarationSyntax or BaseFieldDeclarationSyntax);
        if (member is BaseFieldDeclarationSyntax field)
            member = field.Declaration.Variables[0];
        return member is null ? null : Definition(model.GetDeclaredSymbol(member)!);
    }
}
