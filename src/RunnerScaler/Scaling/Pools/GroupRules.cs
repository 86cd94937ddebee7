using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Pools;

/// <summary>Which repositories of its organisation may use a runner group.</summary>
internal enum GroupVisibility
{
    /// <summary>GitHub says something that we do not know.</summary>
    Unknown,
    All,
    Private,
    Selected,
}

/// <summary>
/// Who may use the runners of a group, as GitHub shows it
/// (<see href="https://docs.github.com/rest/actions/self-hosted-runner-groups">runner groups</see>).
/// </summary>
/// <param name="Name">The group's name.</param>
/// <param name="Visibility">To which repositories it is open.</param>
/// <param name="AllowsPublic">Whether public ones are among them.</param>
/// <param name="Repositories">The selected ones, in lower case; null if they are not known, or are none.</param>
/// <param name="Workflows">The only workflows that may use it; null for all.</param>
internal sealed record GroupRules(
    string Name, GroupVisibility Visibility, bool AllowsPublic, ImmutableSortedSet<string>? Repositories,
    ImmutableArray<string>? Workflows)
{
    private const int Named = 3;

    public bool Equals(GroupRules? other) =>
        other is not null
        && (Name, Visibility, AllowsPublic) == (other.Name, other.Visibility, other.AllowsPublic)
        && (Repositories ?? []).SetEquals(other.Repositories ?? [])
        && (Workflows ?? []).AsSpan().SequenceEqual((other.Workflows ?? []).AsSpan());

    public override int GetHashCode() => HashCode.Combine(Name, Visibility, AllowsPublic);

    /// <summary>Why jobs of this repository are not given to the group's runners; null if nothing is known to be in the
    /// way.</summary>
    public string? Excludes(RepositoryKey repository, bool isPublic)
    {
        var group = $"runner group {Name.Quote()}";
        if (Visibility == GroupVisibility.Selected && Repositories is { } open && !open.Contains(repository.Name))
            return $"{group} is open to selected repositories only, and {repository} is none of them: add it there, or "
                + "set another runnerGroup";
        if (isPublic && (!AllowsPublic || Visibility == GroupVisibility.Private))
            return $"{group} is closed to public repositories, and {repository} is public: allow them there, or set "
                + "another runnerGroup";
        return Workflows is { IsEmpty: false } only
            ? $"{group} is open to these workflows only: {string.Join(", ", only.Take(Named).Select(w => w.Quote()))}"
                + (only.Length > Named ? ", …" : "") + ". Add the job's workflow there, or set another runnerGroup"
            : null;
    }
}
