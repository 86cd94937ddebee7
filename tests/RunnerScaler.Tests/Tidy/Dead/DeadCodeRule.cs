using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy.Dead;

/// <summary>
/// All that is declared is used: reached from where the program begins, and not by tests alone. What is only given a
/// value and never read is not used. Where a meaning is not known for sure (the output of generators, members that a
/// serialiser or a comparison reads) a thing counts as used.
/// </summary>
internal sealed class DeadCodeRule
{
    private static readonly HashSet<string> Patterns =
    [
        "GetEnumerator", "GetAsyncEnumerator", "GetAwaiter", "Deconstruct", "Dispose", "DisposeAsync", "Add",
        "MoveNext", "AppendLiteral", "AppendFormatted",
    ];

    private readonly ILookup<ISymbol, ISymbol> uses;
    private readonly ILookup<ISymbol, ISymbol> bodies;
    private readonly HashSet<ITypeSymbol> whole;
    private readonly ISymbol[] declared;
    private readonly HashSet<ISymbol> alive = new(SymbolEqualityComparer.Default);
    private readonly Stack<ISymbol> open = new();

    private DeadCodeRule(CSharpCompilation compilation, SyntaxTree[] trees, Func<ISymbol, bool> isUsedElsewhere)
    {
        var found = trees.AsParallel().Select(t => Uses.Of(compilation, t)).ToArray();
        var known = found.SelectMany(u => u.Known).ToArray();
        var unknown = found.SelectMany(u => u.Unknown).ToHashSet();
        uses = known.Where(k => k.By is not null)
            .ToLookup(k => k.By!, k => k.Used, SymbolEqualityComparer.Default);
        whole = Closed(found.SelectMany(u => u.Whole));
        declared =
        [
            .. Types(compilation.Assembly.GlobalNamespace)
                .SelectMany(t => t.GetMembers().Where(m => m is not INamedTypeSymbol).Prepend(t)).Where(IsWritten),
        ];
        bodies = declared.OfType<INamedTypeSymbol>().SelectMany(Bodies)
            .ToLookup(b => b.Of, b => b.Body, SymbolEqualityComparer.Default);
        foreach (var (by, used) in known)
            if (by is null)
                Reach(used);
        foreach (var symbol in declared)
            if (unknown.Contains(symbol.Name) || symbol.Name == "Main" || isUsedElsewhere(symbol))
                Reach(symbol);
        while (open.TryPop(out var next))
            Follow(next);
    }

    /// <param name="files">All sources of what is delivered.</param>
    /// <param name="known">What only tests use still, as <c>Type.Member</c>.</param>
    /// <param name="isUsedElsewhere">Whether tests may be the only ones to use a thing.</param>
    public static IEnumerable<Finding> Check(
        IReadOnlyCollection<SourceFile> files, IReadOnlyCollection<string> known, Func<ISymbol, bool> isUsedElsewhere)
    {
        var rule = new DeadCodeRule(Compiled.All(files), [.. files.Select(f => f.Tree)], isUsedElsewhere);
        var dead = rule.declared.Where(rule.IsDead).ToArray();
        return
        [
            .. from symbol in dead
               where !known.Contains(NameOf(symbol))
               let place = symbol.Locations[0].GetLineSpan()
               orderby place.Path, place.StartLinePosition.Line
               select new Finding(place.Path, place.StartLinePosition.Line + 1,
                   $"nothing but tests uses {NameOf(symbol)}: delete it"),
            .. from name in known.Except(dead.Select(NameOf))
               select new Finding("tests/RunnerScaler.Tests/Tidy/RepositoryTests.cs", 1,
                   $"{name} is gone or used now: take it off the list"),
        ];
    }

    private static string NameOf(ISymbol symbol) =>
        symbol.ContainingType is { } owner ? $"{owner.Name}.{symbol.Name}" : symbol.Name;

    /// <summary>Members of a dead type go with it, and are not named each.</summary>
    private bool IsDead(ISymbol symbol) => !alive.Contains(symbol)
        && (symbol.ContainingType is null || alive.Contains(symbol.ContainingType));

    private void Reach(ISymbol symbol)
    {
        if (alive.Add(symbol))
            open.Push(symbol);
    }

    private void Follow(ISymbol symbol)
    {
        foreach (var used in uses[symbol])
            Reach(used);
        if (symbol.ContainingType is { } owner)
            Reach(owner.OriginalDefinition);
        foreach (var body in bodies[symbol])
            if (alive.Contains(body.ContainingType))
                Reach(body);
        if (symbol is INamedTypeSymbol type)
            FollowType(type);
    }

    private void FollowType(INamedTypeSymbol type)
    {
        foreach (var member in type.GetMembers())
            if (IsCalledFromOutside(member) || (whole.Contains(type) && IsValue(member)))
                Reach(member);
        // What the type inherits or implements of ours was perhaps called before the type was reached.
        foreach (var (of, body) in Bodies(type))
            if (alive.Contains(of))
                Reach(body);
    }

    private static bool IsValue(ISymbol member) =>
        member is IPropertySymbol or IFieldSymbol { IsConst: false } || member.ContainingType.TypeKind == TypeKind.Enum;

    /// <summary>Whether .NET calls it, for what the type is or is called.</summary>
    private static bool IsCalledFromOutside(ISymbol member) =>
        Patterns.Contains(member.Name)
        || member is IMethodSymbol
        {
            MethodKind: MethodKind.UserDefinedOperator or MethodKind.Conversion or MethodKind.Destructor
        }
        || Overridden(member) is { Locations: [{ IsInSource: false }, ..] }
        || Bodies(member.ContainingType).Any(
            b => !b.Of.Locations[0].IsInSource && SymbolEqualityComparer.Default.Equals(b.Body, member));

    private static ISymbol? Overridden(ISymbol member) => member switch
    {
        IMethodSymbol method => method.OverriddenMethod,
        IPropertySymbol property => property.OverriddenProperty,
        _ => null,
    };

    /// <summary>The members of a type that stand for one of ours: of an interface, or of the type it extends.</summary>
    private static IEnumerable<(ISymbol Of, ISymbol Body)> Bodies(INamedTypeSymbol type) =>
    [
        .. from contract in type.AllInterfaces
           from member in contract.GetMembers()
           let body = type.FindImplementationForInterfaceMember(member)
           where body is not null
           select (member.OriginalDefinition, body.OriginalDefinition),
        .. from body in type.GetMembers()
           let overridden = Overridden(body)
           where overridden is not null
           select (overridden.OriginalDefinition, body),
    ];

    /// <summary>The types and those of their values.</summary>
    private static HashSet<ITypeSymbol> Closed(IEnumerable<ITypeSymbol> types)
    {
        var all = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        var more = new Stack<ITypeSymbol>(types);
        while (more.TryPop(out var type))
        {
            if (type is INamedTypeSymbol { TypeArguments: var arguments })
                foreach (var argument in arguments)
                    more.Push(argument);
            if (!type.Locations.Any(l => l.IsInSource) || !all.Add(type.OriginalDefinition))
                continue;
            foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
                more.Push(property.Type);
        }

        return all;
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol within) =>
        within.GetMembers().OfType<INamespaceOrTypeSymbol>()
            .SelectMany(m => m is INamedTypeSymbol type ? Types(type).Prepend(type) : Types(m));

    private static bool IsWritten(ISymbol symbol) =>
        !symbol.IsImplicitlyDeclared && symbol.CanBeReferencedByName && symbol.Locations is [{ IsInSource: true }, ..]
        && symbol is not IMethodSymbol { MethodKind: not MethodKind.Ordinary }
        && !(symbol is INamedTypeSymbol && symbol.DeclaringSyntaxReferences[0].GetSyntax() is CompilationUnitSyntax)
        && symbol is INamedTypeSymbol or IMethodSymbol or IPropertySymbol or IEventSymbol or IFieldSymbol
        {
            // What a generator writes for a [LoggerMessage] method finds the log by its type.
            Type.Name: not "ILogger",
        };
}
