using RunnerScaler.Control.Claims;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Removes runners: registration first, pod second, so that GitHub assigns no job to one that goes.</summary>
internal sealed class RunnerRemoval(
    IPodStore pods,
    IRunnerRegistrar registrar,
    RunnerNotes notes,
    ClaimWaiters waiters,
    Authorities authorities,
    RunnerEnds ends,
    RunnerUpkeep upkeep)
{
    /// <summary>Ends a runner that lives.</summary>
    public async Task<ReconcileResult> RetireAsync(Runner runner, OutcomeKind outcome, CancellationToken cancel)
    {
        var pod = runner.Pod!;
        notes.Update(pod.Uid, n => n with { Retiring = outcome });
        waiters.TellToExit(pod.Uid, "this runner is being removed");
        if (runner is { Grant: { } grant, Note.Deregistered: false }
            && authorities.AuthorityOf(pod) != Authority.Unknown)
        {
            switch (await registrar.DeregisterAsync(grant.Target, grant.RunnerName, runner.Note.RunnerId, cancel))
            {
                case DeregisterResult.Busy:
                    upkeep.KeepBusy(runner);
                    return ReconcileResult.Done;
                case DeregisterResult.Unavailable:
                    return ReconcileResult.Retry();
            }
            notes.Update(pod.Uid, n => n with { Deregistered = true, GivenBack = true });
        }

        // Another leader may have given it another identity by now; that changes the pod.
        return await RemoveAsync(pod, onlyIfUnchanged: true, cancel);
    }

    /// <summary>Removes the pod of one that has ended.</summary>
    public async Task<ReconcileResult> BuryAsync(Runner runner, CancellationToken cancel)
    {
        if (Lifecycle.LeavesRegistration(runner, runner.Pod!))
            ends.Deregistered(runner);
        return await RemoveAsync(runner.Pod!, onlyIfUnchanged: false, cancel);
    }

    private async Task<ReconcileResult> RemoveAsync(PodFacts pod, bool onlyIfUnchanged, CancellationToken cancel)
    {
        notes.Update(pod.Uid, n => n with { Removed = true });
        var result = await pods.DeleteAsync(pod, onlyIfUnchanged, cancel);
        if (result == DeleteResult.Deleted)
            return ReconcileResult.Done;
        notes.TryUpdate(pod.Uid, n => n.Removed ? n with
        {
            Removed = false,
            Retiring = result == DeleteResult.Changed ? null : n.Retiring,
            Dismissed = n.Retiring ?? n.Dismissed,
        } : null);
        return SlotPauses.RetryAfter(result.Why);
    }
}
