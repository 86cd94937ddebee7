using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Sweep;

/// <summary>
/// Registrations that bear our kind of name, are offline, and have no pod: found so twice in a row they are removed.
/// The second look spares one that another cluster's controller has just made for a pool of the same name.
/// </summary>
internal sealed class Suspects(
    IPoolStore pools, IPodStore pods, Orphans orphans, ControlOptions options, TimeProvider time)
{
    private readonly Dictionary<(RegistrationTarget Target, long Id), DateTimeOffset> suspects = [];

    /// <summary>How many registrations are watched for a second look.</summary>
    public int Count => suspects.Count;

    /// <summary>Forgets suspects that are gone, or where nobody looks any more.</summary>
    public void Acquit(Func<(RegistrationTarget Target, long Id), bool> isOver)
    {
        foreach (var suspect in suspects.Keys.Where(isOver).ToArray())
            suspects.Remove(suspect);
    }

    /// <summary>
    /// Has a registration that is nobody's removed. One of a pod that is known to be gone needs no second look.
    /// </summary>
    public async Task JudgeAsync(
        Pool[] valid, RegistrationTarget target, Registration registration, CancellationToken cancel)
    {
        var key = (target, registration.Id);
        if (registration.Online || !IsOurs(valid, target, registration.Name) || HasPod(registration.Name))
        {
            suspects.Remove(key);
            return;
        }
        var now = time.GetUtcNow();
        var isSure = valid.Any(p => Slot.IsRunnerOf(p.Key.Name, registration.Name, out _, out var uidPart)
            && orphans.IsGone(uidPart));
        if (isSure || (!suspects.TryAdd(key, now) && now - suspects[key] >= options.SweepPeriod * 0.9))
        {
            // The cache may be behind: the API server has the last word.
            if (!isSure && !await IsGoneAsync(registration.Name, cancel))
                return;
            suspects.Remove(key);
            orphans.Add(new(target, registration.Name, registration.Id));
        }
    }

    private async Task<bool> IsGoneAsync(string runnerName, CancellationToken cancel)
    {
        foreach (var pool in pools.Pools)
            if (Slot.IsRunnerOf(pool.Key.Name, runnerName, out var slot, out var uidPart))
            {
                var found = await pods.GetAsync(pool.Key.Namespace, Slot.PodName(pool.Key.Name, slot), cancel);
                if (!found.Known || (found.Pod is { } pod && Slot.UidPart(pod.Uid) == uidPart))
                    return false;
            }
        return true;
    }

    /// <summary>Whether a runner at GitHub has the name of a runner of one of these pools.</summary>
    public static bool IsOurs(Pool[] valid, RegistrationTarget target, string runnerName) =>
        valid.Any(p => p.Account == target.Account && Slot.IsRunnerOf(p.Key.Name, runnerName, out _, out _));

    // A pool that is broken now has pods all the same.
    private bool HasPod(string runnerName) => pools.Pools.Any(pool =>
        Slot.IsRunnerOf(pool.Key.Name, runnerName, out var slot, out var uidPart)
        && pods.Find(pool.Key.Namespace, Slot.PodName(pool.Key.Name, slot)) is { } pod
        && Slot.UidPart(pod.Uid) == uidPart);
}
