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

    public static ImmutableArray<Scope> Read(SpecNode serves)
    {
        var scopes = new List<Scope>();
        foreach (var entry in serves.Items(1, MostEntries))
        {
            if (entry.Object(ReadEntry) is not { } scope)
                continue;
            if (scopes.Count > 0 && scopes[0].Server != scope.Server)
                entry.At("url").Fail(
                    $"is at {scope.Server}, but the first entry is at {scopes[0].Server}, and a credential is valid at "
                        + "one server only: make a pool for each server");
            if (scopes.Any(s => (s.Kind, s.Owner, s.Repository) == (scope.Kind, scope.Owner, scope.Repository)))
                entry.At("url").Fail("is listed twice: remove one of the two");
            scopes.Add(scope);
        }
        return [.. scopes];
    }

    private static Scope? ReadEntry(SpecNode entry)
    {
        var url = entry.At("url");
        var address = url.Text(
            "https://github.com/ORG, …/OWNER/REPOSITORY or …/USER/*", u => u.Length is > 0 and <= LongestUrl);
        var group = ReadGroup(entry.At("runnerGroup"));
        var only = ReadRepositories(entry.At("repositories"));
        if (address.Length == 0)
            return null;
        if (!Scope.TryParse(address, out var scope, out var problem))
        {
            url.Fail($"is wrong: {problem}");
            return null;
        }
        if (group is not null && scope.Kind != ScopeKind.Organization)
            entry.At("runnerGroup").Fail("is set, but only organisations have runner groups: remove it");
        if (only.Count > 0 && scope.Kind == ScopeKind.Repository)
            entry.At("repositories").Fail("is set, but the url names one repository already: remove it");
        return scope with { RunnerGroup = group, Only = only };
    }

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
