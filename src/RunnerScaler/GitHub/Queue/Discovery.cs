using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.GitHub.Queue;

/// <summary>A repository that can have jobs.</summary>
internal sealed record FoundRepository(RepositoryKey Key, DateTimeOffset? PushedAt, bool OfOrganization)
{
    /// <summary>GitHub's id of it, as far as it has said.</summary>
    public long? Id { get; init; }

    /// <summary>Whether anyone can see it, as far as GitHub has said.</summary>
    public bool IsPublic { get; init; }
}

/// <summary>Finds the repositories of a scope.</summary>
internal static class Discovery
{
    /// <summary>
    /// An App sees the repositories of its
    /// <see href="https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation">installation</see>,
    /// a token those of the
    /// <see href="https://docs.github.com/rest/repos/repos#list-organization-repositories">organisation</see> or of its
    /// <see href="https://docs.github.com/rest/repos/repos#list-repositories-for-the-authenticated-user">user</see>.
    /// Archived and disabled ones are left out: they have no jobs. A single repository is taken as it is named.
    /// </summary>
    public static async Task<GitHubAnswer<FoundList>> ReadAsync(Account account, Scope scope, CancellationToken cancel)
    {
        var ofOrganization = scope.Kind == ScopeKind.Organization;
        if (scope.Repository is { } named)
        {
            var key = RepositoryKey.Of(scope.Server, scope.Owner, named);
            return new FoundList([new FoundRepository(key, null, ofOrganization)], null);
        }
        var listing = await account.Api(scope.Owner, ofOrganization)
            .ListAsync<RepositoryData>(PathOf(account.Credential, scope), ListBounds.None, cancel);
        return listing.Select(all => new FoundList(
            [.. Live(all.Items, scope, ofOrganization)], Broken(all, $"the repositories of '{scope.Owner}'")));
    }

    /// <summary>What became of the list; null if all of it was read.</summary>
    private static Failure? Broken(Listing<RepositoryData> listing, string what)
    {
        var distinct = listing.Items.Select(r => (r.Owner?.Login, r.Name)).Distinct().Count();
        if (listing.Broken is not null || (listing.Unreadable == 0 && !(distinct < listing.Total)))
            return listing.Broken;
        var all = listing.Total ?? distinct + listing.Unreadable;
        return Failure.NoAnswer($"{what} were answered with {distinct} of {all}");
    }

    private static IEnumerable<FoundRepository> Live(
        List<RepositoryData> all, Scope scope, bool ofOrganization) => all
        .Where(r => !r.Archived && !r.Disabled)
        .Select(r => new FoundRepository(
            RepositoryKey.Of(scope.Server, r.Owner?.Login ?? scope.Owner, r.Name), r.PushedAt, ofOrganization)
        {
            Id = r.Id,
            IsPublic = r.Private == false,
        })
        .Where(r => scope.Covers(r.Key))
        .DistinctBy(r => r.Key);

    /// <summary>The repositories that the scope is narrowed to, and that its owner does not have.</summary>
    public static IEnumerable<RepositoryKey> Missing(Scope scope, IReadOnlyCollection<FoundRepository> found) =>
        scope.Only
            .Select(name => RepositoryKey.Of(scope.Server, scope.Owner, name))
            .Where(key => found.All(f => f.Key != key))
            .OrderBy(key => key.Name, StringComparer.Ordinal);

    private static string PathOf(GitHubCredential credential, Scope scope) => credential switch
    {
        GitHubCredential.App => "installation/repositories",
        _ when scope.Kind == ScopeKind.Organization => $"orgs/{scope.Owner}/repos?type=all&sort=pushed",
        _ => "user/repos?sort=pushed",
    };
}

/// <summary>The repositories of a scope as far as they could be read.</summary>
/// <param name="Repositories">Those that were shown.</param>
/// <param name="Broken">Why there may be others; null if these are all.</param>
internal sealed record FoundList(List<FoundRepository> Repositories, Failure? Broken);
