using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Claims;

/// <summary>Has identities made, one at a time for each pod, and gives them to the pods' claims.</summary>
internal sealed partial class RunnerRegisterer(
    IdentityMaker maker,
    IPodStore pods,
    RunnerNotes notes,
    ClaimWaiters waiters,
    Orphans orphans,
    Queues queues,
    WriteBounds bounds,
    ILogger<RunnerRegisterer> log)
{
    /// <summary>
    /// Gives the identity that a plan decided on. Returns at once; the pod's open claim is answered when it is made.
    /// </summary>
    public void Give(Pool pool, ClaimGrant grant)
    {
        var pod = grant.Runner.Pod!;

        // It may bear one that was taken back: a request to write that, given up as lost, may have come late.
        var late = pod.ClaimAnnotation is { } annotation
            ? new Grant(grant.Target, pod.RunnerName(annotation.Attempt), annotation.Attempt, annotation.At)
            : null;
        Start(pool, pod, grant.Target, late);
    }

    /// <summary>Starts to make an identity, unless one is being made for this pod already.</summary>
    /// <param name="pool">The pod's pool.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="target">Where to register it.</param>
    /// <param name="expected">The identity that the pod has until now; null for none.</param>
    public bool Start(Pool pool, PodFacts pod, RegistrationTarget target, Grant? expected)
    {
        var begun = notes.TryUpdate(pod.Uid, note => note.GrantInFlight || note.Retiring is not null ? null : note with
        {
            GrantInFlight = true,
            Written = false,
            Withdrawn = false,
            Requested = false,
            RunnerId = null,
            RegisteredAt = null,
            CheckedAt = null,
            Seen = null,
            BusySince = null,
            Grant = maker.Next(pod, target, Math.Max(note.Attempt, expected?.Attempt ?? 0) + 1),
        });
        if (begun)
            bounds.Grants.Start(() => GrantAsync(pool, pod, expected));
        return begun;
    }

    private async Task GrantAsync(Pool pool, PodFacts pod, Grant? expected)
    {
        var answer = (ClaimAnswer)new ClaimAnswer.Unavailable(IdentityMaker.AskAgain);
        try
        {
            answer = await maker.MakeAsync(pool, pod, expected);
        }
        finally
        {
            // Before the note: a claim whose hold is over goes by the note, and must find the answer once that is made.
            if (!waiters.Answer(pod.Uid, answer) && answer is ClaimAnswer.Granted unheard)
                LogUnheard(pool.Key, unheard.RunnerName);
            notes.Update(pod.Uid, n => n with
            {
                GrantInFlight = false,
                Withdrawn = false,
                Grant = n.Written ? n.Grant : null,
            });
            ForgetIfGone(pod, answer is ClaimAnswer.Granted);
            queues.Pools.Add(pool.Key);
        }
    }

    // Whoever saw the pod vanish could not know of a registration that was still being made.
    private void ForgetIfGone(PodFacts pod, bool registered)
    {
        if (pods.Find(pod.Pool.Namespace, Slot.PodName(pod.Pool.Name, pod.Slot))?.Uid == pod.Uid)
            return;
        if (registered && notes.Of(pod.Uid) is { Grant: { } grant } note)
            orphans.Add(new(grant.Target, grant.RunnerName, note.RunnerId));
        notes.Forget(pod.Uid);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Pool {Pool}: the pod of {Runner} did not wait for its identity; it gets another when it asks again")]
    private partial void LogUnheard(PoolKey pool, string runner);
}
