using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>Reads <c>spec.github.serves</c>.</summary>
internal static class ServesReader
{
    private const int MostEntries = 50;
    private const int MostRepositories = 500;
    private const int LongestUrl = 500;
    private const int LongestName = 100;
    private const int LongestScaleSet = 64;

    /// <param name="serves">The list.</param>
    /// <param name="scaleSet">The name of a scale set that has none of its own; null if the queue is polled.</param>
    public static ImmutableArray<Scope> Read(SpecNode serves, string? scaleSet)
    {
        var scopes = new List<Scope>();
        foreach (var entry in serves.Items(1, MostEntries))
        {
            if (entry.Object(e => ReadEntry(e, scaleSet)) is not { } scope)
                continue;
            if (scopes.Count > 0 && scopes[0].Server != scope.Server)
                entry.At("url").Fail(
                    $"is at {scope.Server}, but the first entry is at {scopes[0].Server}, and a credential is valid at "
                        + "one server only: make a pool for each server");
            if (scopes.Any(s => (s.Kind, s.Owner, s.Repository) == (scope.Kind, scope.Owner, scope.Repository)))
                entry.At("url").Fail("is listed twice: remove one of the two");
            else if (scaleSet is not null && scopes.Any(s => Overlap(s, scope)))
                entry.At("url").Fail(
                    "covers, or is covered by, another entry, and with feed ScaleSet each is a scale set of its own, "
                        + "to which GitHub would assign the same jobs: remove one of the two");
            scopes.Add(scope);
        }
        return [.. scopes];
    }

    private static bool Overlap(Scope one, Scope other) =>
        ScopeKind.Enterprise == one.Kind || ScopeKind.Enterprise == other.Kind
        || (one.Owner == other.Owner && (one.HasGroups || other.HasGroups));

    private static Scope? ReadEntry(SpecNode entry, string? scaleSet)
    {
        var url = entry.At("url");
        var address = url.Text(
            "https://github.com/ORG, …/OWNER/REPOSITORY, …/USER/* or …/enterprises/NAME",
            u => u.Length is > 0 and <= LongestUrl);
        var group = ReadGroup(entry.At("runnerGroup"));
        var only = ReadRepositories(entry.At("repositories"));
        var set = ReadScaleSet(entry.At("scaleSetName"), scaleSet);
        if (address.Length == 0)
            return null;
        if (!Scope.TryParse(address, out var scope, out var problem))
        {
            url.Fail($"is wrong: {problem}");
            return null;
        }
        if (group is not null && !scope.HasGroups)
            entry.At("runnerGroup").Fail(
                "is set, but only organisations and enterprises have runner groups: remove it");
        if (only.Count > 0 && scope.Kind == ScopeKind.Repository)
            entry.At("repositories").Fail("is set, but the url names one repository already: remove it");
        CheckFeed(entry, scope, scaleSet is not null, only.Count > 0);
        return scope with { RunnerGroup = group, Only = only, ScaleSetName = set };
    }

    private static void CheckFeed(SpecNode entry, Scope scope, bool usesScaleSets, bool isFiltered)
    {
        if (scope.Kind == ScopeKind.Enterprise && !usesScaleSets)
            entry.At("url").Fail(
                "is an enterprise, whose jobs GitHub lists nowhere: set spec.github.feed to ScaleSet, or list its "
                    + "organisations");
        if (scope.Kind == ScopeKind.EachRepository && usesScaleSets)
            entry.At("url").Fail(
                "is owner/*, and with feed ScaleSet each repository is a scale set of its own: list the repositories, "
                    + "or set spec.github.feed to Poll");
        if (isFiltered && usesScaleSets && scope.Kind != ScopeKind.Repository)
            entry.At("repositories").Fail(
                "is set, but GitHub assigns a scale set the jobs of all repositories that may use its runner group: "
                    + "remove it, and restrict the group");
    }

    /// <returns>What the entry's set is called; null if the queue is polled.</returns>
    private static string? ReadScaleSet(SpecNode name, string? scaleSet)
    {
        if (name.Exists && scaleSet is null)
            name.Fail("is set, but the queue is polled: remove it, or set spec.github.feed to ScaleSet");
        return scaleSet is null
            ? null
            : name.Text("the name of a scale set: 1 to 64 letters, digits, '-', '_' or '.'", IsScaleSet, scaleSet);
    }

    private static bool IsScaleSet(string name) => name.Length is > 0 and <= LongestScaleSet && Scope.IsName(name);

    private static string? ReadGroup(SpecNode group) =>
        group.Exists && group.Text("the name of a runner group", IsGroup) is { Length: > 0 } name ? name : null;

    private static bool IsGroup(string name) => name.Length is > 0 and <= LongestName;

    private static ImmutableHashSet<string> ReadRepositories(SpecNode repositories) =>
        [.. repositories.Items(0, MostRepositories)
            .Select(r => r.Text("the name of a repository, without its owner", IsRepository))
            .Select(RepositoryKey.Lower)];

    private static bool IsRepository(string name) =>
        name.Length is > 0 and <= LongestName
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
