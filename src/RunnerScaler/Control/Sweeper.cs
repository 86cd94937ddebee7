using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// Removes what nobody owns: registrations whose pod is known to be gone at once, those that a restart forgot in each
/// period.
/// </summary>
internal sealed partial class Sweeper(
    IPoolStore pools,
    IJobSource source,
    IPodStore pods,
    IRunnerRegistrar registrar,
    LiveBoard board,
    RunnerNotes notes,
    Authorities authorities,
    Orphans orphans,
    OpenEnds ends,
    Heartbeats beats,
    IScalerMetrics metrics,
    ControlOptions options,
    TimeProvider time,
    ILogger<Sweeper> log)
{
    private readonly Dictionary<(RegistrationTarget Target, long Id), DateTimeOffset> suspects = [];

    /// <summary>How many registrations are watched for a second look.</summary>
    public int Suspects => suspects.Count;

    /// <summary>Deletes one registration.</summary>
    /// <returns>False if it has to be tried again.</returns>
    public async Task<bool> DeleteAsync(Orphan orphan, CancellationToken cancel)
    {
        var result = await registrar.DeregisterAsync(orphan.Target, orphan.RunnerName, orphan.Id, cancel);
        ends.Told(orphan.RunnerName, result.AsDeletion());
        if (result == DeregisterResult.Deleted)
        {
            metrics.Swept("registration");
            LogSwept(orphan.RunnerName, orphan.Target);
        }

        // Busy without a pod: GitHub gives such a job up after some minutes, and the registration can go then.
        return result is DeregisterResult.Deleted or DeregisterResult.Gone;
    }

    /// <summary>Looks through all registrations, period after period.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                Prune();
                using (beats.Outside(nameof(Sweeper), options.SweepPeriod * 3))
                    await SweepAsync(cancel);
                await Task.Delay(options.SweepPeriod, time, cancel);
            }
        }
        finally
        {
            beats.Stop(nameof(Sweeper));
        }
    }

    /// <summary>Forgets what is known of pods and pools that are gone.</summary>
    public void Prune()
    {
        var all = pods.All;
        notes.Prune(all.Select(p => p.Uid).ToHashSet().Contains);
        foreach (var account in authorities.Prune(gone =>
            all.Any(p => p.Pool == gone.Pool.Key && p.PoolUid == gone.Uid)))
            source.Forget(account);
    }

    /// <summary>One look through all registrations at all targets that pools may have used.</summary>
    public async Task SweepAsync(CancellationToken cancel)
    {
        var departed = authorities.Departed;
        Pool[] valid =
            [.. pools.Pools.Where(p => p.Pool is not null).Select(p => p.Pool!), .. departed.Select(d => d.Pool)];
        var targets = pools.Pools.Where(p => p.Pool is not null)
            .SelectMany(p => SweepTargets.Of(p.Pool!, board.Now))
            .Concat(departed.SelectMany(d => d.Targets))
            .Distinct().OrderBy(t => t.ToString(), StringComparer.Ordinal);
        var looked = new HashSet<RegistrationTarget>();
        foreach (var target in targets)
        {
            beats.Heard(nameof(Sweeper));
            looked.Add(target);
            if (await registrar.ListAsync(target, cancel) is not { } registrations)
                continue;
            var idle = registrations.Where(r => !r.Busy).ToDictionary(r => r.Id);
            Acquit(s => s.Target == target && !idle.ContainsKey(s.Id));
            foreach (var registration in idle.Values)
                await JudgeAsync(valid, target, registration, cancel);
        }
        Acquit(s => !looked.Contains(s.Target));
    }

    /// <summary>Forgets suspects that are gone, or where nobody looks any more.</summary>
    private void Acquit(Func<(RegistrationTarget Target, long Id), bool> isOver)
    {
        foreach (var suspect in suspects.Keys.Where(isOver).ToArray())
            suspects.Remove(suspect);
    }

    /// <summary>
    /// A registration that bears our kind of name, is offline, and has no pod, twice in a row: the second look spares
    /// one that another cluster's controller has just made for a pool of the same name. One of a pod that is known to
    /// be gone needs none.
    /// </summary>
    private async Task JudgeAsync(
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
                var sight = await pods.LookAsync(pool.Key.Namespace, Slot.PodName(pool.Key.Name, slot), cancel);
                if (!sight.Known || (sight.Pod is { } pod && Slot.UidPart(pod.Uid) == uidPart))
                    return false;
            }
        return true;
    }

    private static bool IsOurs(Pool[] valid, RegistrationTarget target, string runnerName) =>
        valid.Any(p => p.Account == target.Account && Slot.IsRunnerOf(p.Key.Name, runnerName, out _, out _));

    // A pool that is broken now has pods all the same.
    private bool HasPod(string runnerName) => pools.Pools.Any(pool =>
        Slot.IsRunnerOf(pool.Key.Name, runnerName, out var slot, out var uidPart)
        && pods.Find(pool.Key.Namespace, Slot.PodName(pool.Key.Name, slot)) is { } pod
        && Slot.UidPart(pod.Uid) == uidPart);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Deleted the registration {Runner} at {Target}: its pod is gone")]
    private partial void LogSwept(string runner, RegistrationTarget target);
}
