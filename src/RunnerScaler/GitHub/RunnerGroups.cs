using System.Collections.Concurrent;
using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub;

/// <summary>
/// Finds the id of a runner group, which a registration must name, and who may use it
/// (<see href="https://docs.github.com/rest/actions/self-hosted-runner-groups">runner groups</see>).
/// </summary>
internal sealed class RunnerGroups(TimeProvider time)
{
    /// <summary>Repositories have no groups of their own: theirs is always the first.</summary>
    private const long OfRepositories = 1;

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(AccountKey, string), Kept> known = new();

    /// <exception cref="FaultException">There is no group of that name.</exception>
    public async Task<long> FindAsync(Account account, JitRequest request, CancellationToken cancel)
    {
        var target = request.Target;
        if (target.Repository is not null)
            return OfRepositories;
        var now = time.GetUtcNow();
        if (known.TryGetValue((target.Account, target.Owner), out var kept)
            && now < kept.At + KeptFor
            && IdOf(kept.Groups, request.RunnerGroup) is { } id)
            return id;
        var api = account.Api(target.Owner, ofOrganization: true);
        var (groups, _) = await api.ListAsync<GroupPage, GroupData>(
            $"orgs/{target.Owner}/actions/runner-groups", int.MaxValue, cancel);
        foreach (var (old, expired) in known)
            if (now >= expired.At + KeptFor)
                known.TryRemove(new(old, expired));
        known[(target.Account, target.Owner)] = new Kept(groups, now);
        return IdOf(groups, request.RunnerGroup) ?? throw new FaultException(NotFound(request, groups));
    }

    /// <summary>Who may use a group, as GitHub says it now; null if there is no such group.</summary>
    public async Task<GroupRules?> RulesAsync(
        Account account, RegistrationTarget target, string? name, CancellationToken cancel)
    {
        var groups = await ReadAsync(account, target, cancel);
        if (groups.Find(g => IsNamed(g, name)) is not { } group)
            return null;
        var visibility = group.Visibility switch
        {
            "all" => GroupVisibility.All,
            "private" => GroupVisibility.Private,
            "selected" => GroupVisibility.Selected,
            _ => GroupVisibility.Unknown,
        };
        return new(
            group.Name, visibility, group.AllowsPublicRepositories ?? true,
            visibility == GroupVisibility.Selected
                ? await RepositoriesAsync(account, target, group.Id, cancel)
                : null,
            group.RestrictedToWorkflows == true ? [.. group.SelectedWorkflows ?? []] : null);
    }

    /// <summary>A registration was refused: the group may be another by now.</summary>
    public void Forget(RegistrationTarget target) => known.TryRemove((target.Account, target.Owner), out _);

    private async Task<List<GroupData>> ReadAsync(
        Account account, RegistrationTarget target, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (groups, _) = await account.Api(target.Owner, ofOrganization: true).ListAsync<GroupPage, GroupData>(
            $"orgs/{target.Owner}/actions/runner-groups", int.MaxValue, cancel);
        foreach (var (old, expired) in known)
            if (now >= expired.At + KeptFor)
                known.TryRemove(new(old, expired));
        known[(target.Account, target.Owner)] = new Kept(groups, now);
        return groups;
    }

    private static async Task<ImmutableSortedSet<string>> RepositoriesAsync(
        Account account, RegistrationTarget target, long group, CancellationToken cancel)
    {
        var (repositories, _) = await account.Api(target.Owner, ofOrganization: true)
            .ListAsync<RepositoryPage, RepositoryData>(
                $"orgs/{target.Owner}/actions/runner-groups/{group}/repositories", int.MaxValue, cancel);
        return [.. repositories.Select(r => RepositoryKey.Lower(r.Name))];
    }

    private static long? IdOf(List<GroupData> groups, string? name) =>
        groups.Where(g => IsNamed(g, name)).Select(g => (long?)g.Id).FirstOrDefault();

    private static bool IsNamed(GroupData group, string? name) =>
        name is null ? group.Default : string.Equals(group.Name, name, StringComparison.OrdinalIgnoreCase);

    private static Fault NotFound(JitRequest request, List<GroupData> groups)
    {
        const int Named = 10;
        var names = groups.Count == 0
            ? "it shows none"
            : $"it has {string.Join(", ", groups.Take(Named).Select(g => $"'{g.Name}'"))}"
                + (groups.Count > Named ? ", …" : "");
        var wanted = request.RunnerGroup is { } name ? $"runner group '{name}'" : "default runner group";
        return new(
            FaultReason.RunnerGroupNotFound,
            $"Organisation '{request.Target.Owner}' has no {wanted} that the credential can see ({names}): correct "
            + "'runnerGroup', or create the group");
    }

    private sealed record Kept(List<GroupData> Groups, DateTimeOffset At);
}
