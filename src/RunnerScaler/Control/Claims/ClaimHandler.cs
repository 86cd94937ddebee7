using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Claims;

/// <summary>
/// Where pods ask for their identity. A claim is held until a job needs the pod, or until the time is over and the pod
/// is to ask again; who gets an identity is the plan's decision, made in the pool's pass.
/// </summary>
internal sealed class ClaimHandler(
    IPodStore pods,
    RunnerNotes notes,
    ClaimWaiters waiters,
    ImmediateAnswers immediate,
    ClaimHold hold,
    PhaseTimings clock,
    Queues queues,
    TimeProvider time)
{
    public async Task<ClaimAnswer> ClaimAsync(PodIdentity identity, CancellationToken cancel)
    {
        var answer = await AnswerAsync(identity, cancel);
        if (answer is ClaimAnswer.Retired && pods.Find(identity) is not null)
            notes.Update(identity.Uid, n => n with { Dismissed = n.Retiring ?? n.Dismissed ?? OutcomeKind.Retired });
        return answer;
    }

    private async Task<ClaimAnswer> AnswerAsync(PodIdentity identity, CancellationToken cancel)
    {
        // Open from the start: an identity that is made while this is still asking finds it.
        using var waiter = waiters.Open(identity.Uid);
        try
        {
            var pod = pods.Find(identity);
            if (pod is not null && await immediate.ForAsync(pod, cancel) is { } answer)
                return answer;
            Note(identity, pod);
            return await hold.HoldAsync(identity, waiter, cancel);
        }
        finally
        {
            // A newer claim of the same pod goes on with the note.
            if (waiters.Close(waiter))
                Leave(identity);
        }
    }

    private void Leave(PodIdentity identity)
    {
        var now = time.GetUtcNow();
        notes.TryUpdate(identity.Uid, n => n.Waiting ? n with { Waiting = false, LeftAt = now } : null);
        if (pods.Find(identity) is null)
            notes.Forget(identity.Uid);
    }

    private void Note(PodIdentity identity, PodFacts? pod)
    {
        var now = time.GetUtcNow();
        var isFirst = notes.Of(identity.Uid).ClaimedAt is null;
        notes.Update(identity.Uid, n => n with { Waiting = true, ClaimedAt = n.ClaimedAt ?? now });
        if (pod is null)
            return;
        if (isFirst)
            clock.Claimed(pod, now);
        queues.Pools.Add(pod.Pool);
    }
}
