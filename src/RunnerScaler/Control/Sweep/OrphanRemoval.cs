using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Sweep;

/// <summary>Deletes registrations that have outlived their pod.</summary>
internal sealed partial class OrphanRemoval(
    IRunnerRegistrar registrar, OpenEnds ends, IScalerMetrics metrics, ILogger<OrphanRemoval> log)
{
    /// <summary>Deletes one registration.</summary>
    public async Task<ReconcileResult> DeleteAsync(Orphan orphan, CancellationToken cancel)
    {
        var result = await registrar.DeregisterAsync(orphan.Target, orphan.RunnerName, orphan.Id, cancel);
        ends.Told(orphan.RunnerName, result.AsDeletion());
        if (result == DeregisterResult.Deleted)
        {
            metrics.Swept("registration");
            LogSwept(orphan.RunnerName, orphan.Target);
        }

        // Busy without a pod: GitHub gives such a job up after some minutes, and the registration can go then.
        return ReconcileResult.DoneIf(result is DeregisterResult.Deleted or DeregisterResult.Gone);
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Deleted the registration {Runner} at {Target}: its pod is gone")]
    private partial void LogSwept(string runner, RegistrationTarget target);
}
