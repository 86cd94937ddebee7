using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Control.Sweep;

/// <summary>Removes and forgets, period after period, what nobody owns any more.</summary>
internal sealed class Sweeper(
    RegistrationSweep registrations,
    IPodStore pods,
    RunnerNotes notes,
    Authorities authorities,
    IJobSource source,
    Heartbeats beats,
    ControlOptions options,
    TimeProvider time)
{
    /// <summary>Sweeps until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                Prune();
                using (beats.Outside(nameof(Sweeper), options.SweepPeriod * 3))
                    await registrations.SweepAsync(() => beats.Heard(nameof(Sweeper)), cancel);
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
}
