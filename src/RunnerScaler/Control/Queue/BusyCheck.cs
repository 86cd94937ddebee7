using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Queue;

/// <summary>
/// Has GitHub asked which of a place's runners have a job: a scale set's message tells that once, and another leader
/// may have heard it.
/// </summary>
internal sealed class BusyCheck(IPodStore pods, RunnerNotes notes, Queues queues, TimeProvider time)
{
    public void Ask(PoolKey pool, RegistrationTarget target)
    {
        var now = time.GetUtcNow();
        foreach (var pod in pods.InPool(pool))
            if (pod.ClaimAnnotation is { } given
                && (given.Owner, given.Repository) == (target.Owner, target.Repository))
            {
                notes.Update(pod.Uid, n => n with { CheckFrom = now });
                queues.Add(pod);
            }
    }
}
