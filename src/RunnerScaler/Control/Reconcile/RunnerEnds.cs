using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Control.Reconcile;

/// <summary>Sees pods go, and has what they leave at GitHub removed.</summary>
internal sealed class RunnerEnds(
    KnownRunners runners,
    RunnerNotes notes,
    Authorities authorities,
    Orphans orphans,
    OpenEnds open,
    RunnerConclusion conclusion,
    LeaderGate gate)
{
    /// <summary>
    /// A pod is gone from the cluster, whoever removed it; told once for each, by the replica that leads.
    /// </summary>
    public void Vanished(PodFacts pod)
    {
        if (!gate.IsOpen)
            return;
        var runner = runners.Of(pod);
        var note = runner.Note;
        var outcome = RunnerOutcome.Of(runner, pod);
        orphans.Gone(pod.Uid);
        if (outcome.IsOpen && !note.GrantInFlight && runner.Grant is { } grant
            && authorities.AuthorityOf(pod) != Authority.Unknown)
            open.Await(grant.RunnerName, answer => conclusion.Ended(runner, outcome.After(answer)));
        else
            conclusion.Ended(runner, outcome);

        // Whoever is making its identity needs the note, and removes both in the end.
        if (note.GrantInFlight)
            return;
        if (Lifecycle.LeavesRegistration(runner, pod))
            Deregistered(runner);
        notes.Forget(pod.Uid);
    }

    /// <summary>Has the registration deleted, unless it is already: at once, but without waiting for it.</summary>
    public void Deregistered(Runner runner)
    {
        if (runner is not { Grant: { } grant, Note.Deregistered: false }
            || authorities.AuthorityOf(runner.Pod!) == Authority.Unknown)
            return;
        notes.Update(runner.Pod!.Uid, n => n with { Deregistered = true });
        orphans.Add(new(grant.Target, grant.RunnerName, runner.Note.RunnerId));
    }
}
