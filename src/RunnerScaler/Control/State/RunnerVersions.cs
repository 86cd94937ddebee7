using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// The versions of the pools' runners, as GitHub told them last. Nothing is decided from it: people are told.
/// </summary>
internal sealed class RunnerVersions
{
    /// <summary>So many of one place are kept: pools have an image each, and a roll-out two.</summary>
    private const int MostOfOne = 10;

    private ImmutableDictionary<RegistrationTarget, ImmutableArray<string>> known =
        ImmutableDictionary<RegistrationTarget, ImmutableArray<string>>.Empty;

    /// <summary>Each version at each place where runners of it were seen last.</summary>
    public IEnumerable<(RegistrationTarget Target, string Version)> All =>
        known.SelectMany(k => k.Value.Select(version => (k.Key, version)));

    /// <param name="target">The place.</param>
    /// <param name="versions">Those of its runners now; while there are none, those before are kept.</param>
    public void Saw(RegistrationTarget target, IEnumerable<string> versions)
    {
        ImmutableArray<string> now = [.. versions.Distinct().Order(StringComparer.Ordinal).Take(MostOfOne)];
        if (!now.IsEmpty)
            ImmutableInterlocked.AddOrUpdate(ref known, target, now, (_, _) => now);
    }

    /// <summary>Forgets all other places.</summary>
    public void Keep(IReadOnlySet<RegistrationTarget> targets) =>
        ImmutableInterlocked.Update(ref known, all => all.RemoveRange(all.Keys.Where(t => !targets.Contains(t))));
}
