using RunnerScaler.GitHub.Access;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Queue;

/// <summary>A repository that can have jobs.</summary>
internal sealed record FoundRepository(RepositoryKey Key, DateTimeOffset? PushedAt, bool OfOrganization);

/// <summary>Finds the repositories of a scope.</summary>
internal static class Discovery
{
    /// <summary>
    /// An App sees the repositories of its
    /// <see href="https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation">installation</see>,
    /// a token those of the
    /// <see href="https://docs.github.com/rest/repos/repos#list-organization-repositories">organisation</see> or of its
    /// <see href="https://docs.github.com/rest/repos/repos#list-repositories-for-the-authenticated-user">user</see>.
    /// Archived and disabled ones are left out: they have no jobs.
    /// </summary>
    public static async Task<List<FoundRepository>> ReadAsync(Account account, Scope scope, CancellationToken cancel)
    {
        var ofOrganization = scope.Kind == ScopeKind.Organization;
        var api = account.Api(scope.Owner, ofOrganization);
        var all = scope.Kind == ScopeKind.Repository
            ? [await api.GetAsync<RepositoryData>($"repos/{scope.Owner}/{scope.Repository}", cancel)]
            : await ListAsync(api, account.Credential, scope, cancel);
        return [.. all
            .Where(r => !r.Archived && !r.Disabled)
            .Select(r => new FoundRepository(KeyOf(scope, r), r.PushedAt, ofOrganization))
            .Where(r => scope.Covers(r.Key))
            .DistinctBy(r => r.Key)];
    }

    /// <summary>The repositories that the scope names, and that were not found.</summary>
    public static IEnumerable<RepositoryKey> Missing(Scope scope, IReadOnlyCollection<FoundRepository> found) =>
        (scope.Repository is { } single ? [single] : scope.Only)
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

    /// <summary>A repository that was asked for by its name keeps that name, even if it has been renamed.</summary>
    private static RepositoryKey KeyOf(Scope scope, RepositoryData data) => scope.Kind == ScopeKind.Repository
        ? RepositoryKey.Of(scope.Server, scope.Owner, scope.Repository!)
        : RepositoryKey.Of(scope.Server, data.Owner?.Login ?? scope.Owner, data.Name);
}
