using System.Collections.Concurrent;
using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Runners;

/// <summary>
/// Finds the id of a runner group, which a registration must name, and who may use it
/// (<see href="https://docs.github.com/rest/actions/self-hosted-runner-groups">runner groups</see>).
/// </summary>
internal sealed class RunnerGroups(TimeProvider time)
{
    /// <summary>Repositories have no groups of their own: theirs is always the first.</summary>
    private const long OfRepositories = 1;

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(AccountKey, string), CachedAnswer> known = new();

    /// <returns>The group's id; a failure, too, if there is no group of that name.</returns>
    public async Task<GitHubAnswer<long>> FindAsync(Account account, JitRequest request, CancellationToken cancel)
    {
        var target = request.Target;
        if (target.Repository is not null)
            return OfRepositories;
        if (known.TryGetValue((target.Account, target.Owner), out var kept)
            && IdOf(kept.Groups, request.RunnerGroup) is { } id)
        {
            // A registration does not wait for what is looked up now and then: that a group is gone, its refusal tells.
            if (time.GetUtcNow() >= kept.At + KeptFor)
                _ = RefreshAsync(account, target, kept);
            return id;
        }
        var groups = await ReadAsync(account, target, cancel);
        if (!groups.Ok)
            return groups.Failure;
        return IdOf(groups.Value, request.RunnerGroup) is { } found
            ? found
            : Failure.Of(NotFound(request, groups.Value));
    }

    /// <summary>Who may use a group, as GitHub says it now; null if there is no such group.</summary>
    public async Task<GitHubAnswer<GroupRules>?> RulesAsync(
        Account account, RegistrationTarget target, string? name, CancellationToken cancel)
    {
        var groups = await ReadAsync(account, target, cancel);
        if (!groups.Ok)
            return groups.Failure;
        if (groups.Value.Find(g => IsNamed(g, name)) is not { } group)
            return null;
        var visibility = group.Visibility switch
        {
            "all" => GroupVisibility.All,
            "private" => GroupVisibility.Private,
            "selected" => GroupVisibility.Selected,
            _ => GroupVisibility.Unknown,
        };
        var rules = new GroupRules(
            group.Name, visibility, group.AllowsPublicRepositories ?? true, null,
            group.RestrictedToWorkflows == true ? [.. group.SelectedWorkflows ?? []] : null);
        return visibility == GroupVisibility.Selected
            ? (await RepositoriesAsync(account, target, group.Id, cancel)).Select(r => rules with { Repositories = r })
            : rules;
    }

    /// <summary>A registration was refused: the group may be another by now.</summary>
    public void Forget(RegistrationTarget target) => known.TryRemove((target.Account, target.Owner), out _);

    private async Task<GitHubAnswer<List<GroupData>>> ReadAsync(
        Account account, RegistrationTarget target, CancellationToken cancel)
    {
        var listing = await account.Api(target.Owner, ofOrganization: true).ListAsync<GroupData>(
            $"orgs/{target.Owner}/actions/runner-groups", ListBounds.None, cancel);
        var groups = listing.Whole($"the runner groups of '{target.Owner}'");
        if (!groups.Ok)
            return groups;
        var now = time.GetUtcNow();
        foreach (var (old, expired) in known)
            if (now >= expired.At + (2 * KeptFor))
                known.TryRemove(new(old, expired));
        known[(target.Account, target.Owner)] = new CachedAnswer(groups.Value, now);
        return groups;
    }

    /// <summary>
    /// Reads the groups anew, once for all who ask; if that fails, those known stay until the next time: a registration
    /// that this makes wrong is refused, and forgets them.
    /// </summary>
    private async Task RefreshAsync(Account account, RegistrationTarget target, CachedAnswer kept)
    {
        var key = (target.Account, target.Owner);
        if (known.TryUpdate(key, kept with { At = time.GetUtcNow() }, kept))
            await ReadAsync(account, target, CancellationToken.None);
    }

    private static async Task<GitHubAnswer<ImmutableSortedSet<string>>> RepositoriesAsync(
        Account account, RegistrationTarget target, long group, CancellationToken cancel)
    {
        var listing = await account.Api(target.Owner, ofOrganization: true).ListAsync<RepositoryData>(
            $"orgs/{target.Owner}/actions/runner-groups/{group}/repositories", ListBounds.None, cancel);
        return listing.Whole($"the repositories of group {group}")
            .Select(all => all.Select(r => RepositoryKey.Lower(r.Name)).ToImmutableSortedSet());
    }

    private static long? IdOf(List<GroupData> groups, string? name) =>
        groups.Where(g => IsNamed(g, name)).Select(g => (long?)g.Id).FirstOrDefault();

    private static bool IsNamed(GroupData group, string? name) =>
        name is null ? group.Default : string.Equals(group.Name, name, StringComparison.OrdinalIgnoreCase);

    private static Problem NotFound(JitRequest request, List<GroupData> groups)
    {
        const int Named = 10;
        var names = groups.Count == 0
            ? "it shows none"
            : $"it has {string.Join(", ", groups.Take(Named).Select(g => $"'{g.Name}'"))}"
                + (groups.Count > Named ? ", …" : "");
        var wanted = request.RunnerGroup is { } name ? $"runner group '{name}'" : "default runner group";
        return new(
            ProblemReason.RunnerGroupNotFound,
            $"Organisation '{request.Target.Owner}' has no {wanted} that the credential can see ({names}): correct "
            + "'runnerGroup', or create the group");
    }

    private sealed record CachedAnswer(List<GroupData> Groups, DateTimeOffset At);
}
