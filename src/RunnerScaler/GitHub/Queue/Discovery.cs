using RunnerScaler.GitHub.Access;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Queue;

/// <summary>A repository that can have jobs.</summary>
internal sealed record FoundRepository(RepositoryKey Key, DateTimeOffset? PushedAt, bool OfOrganization)
{
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
    public static async Task<List<FoundRepository>> ReadAsync(Account account, Scope scope, CancellationToken cancel)
    {
        var ofOrganization = scope.Kind == ScopeKind.Organization;
        if (scope.Repository is { } named)
            return [new FoundRepository(RepositoryKey.Of(scope.Server, scope.Owner, named), null, ofOrganization)];
        var api = account.Api(scope.Owner, ofOrganization);
        var all = await ListAsync(api, account.Credential, scope, cancel);
        return [.. all
            .Where(r => !r.Archived && !r.Disabled)
            .Select(r => new FoundRepository(
                RepositoryKey.Of(scope.Server, r.Owner?.Login ?? scope.Owner, r.Name), r.PushedAt, ofOrganization)
            {
                IsPublic = r.Private == false,
            })
            .Where(r => scope.Covers(r.Key))
            .DistinctBy(r => r.Key)];
    }

    /// <summary>The repositories that the scope is narrowed to, and that its owner does not have.</summary>
    public static IEnumerable<RepositoryKey> Missing(Scope scope, IReadOnlyCollection<FoundRepository> found) =>
        scope.Only
            .Select(name => RepositoryKey.Of(scope.Server, scope.Owner, name))
            .Where(key => found.All(f => f.Key != key))
            .OrderBy(key => key.Name, StringComparer.Ordinal);

    private static async Task<List<RepositoryData>> ListAsync(
        GitHubApi api, GitHubCredential credential, Scope scope, CancellationToken cancel)
    {
        if (credential is GitHubCredential.App)
            return (await api.ListAsync<RepositoryPage, RepositoryData>(
                "installation/repositories", int.MaxValue, cancel)).Items;
        return scope.Kind == ScopeKind.Organization
            ? await api.ListAsync<RepositoryData>($"orgs/{scope.Owner}/repos?type=all&sort=pushed", cancel)
            : await api.ListAsync<RepositoryData>("user/repos?sort=pushed", cancel);
    }
}
