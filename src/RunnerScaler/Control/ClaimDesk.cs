using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// Where pods ask for their identity. A claim is held until a job needs the pod, or until the time is over and the pod
/// is to ask again; who gets an identity is the plan's decision, made in the pool's pass.
/// </summary>
internal sealed partial class ClaimDesk(
    IPoolStore pools,
    IPodStore pods,
    RunnerNotes notes,
    Authorities authorities,
    Granter granter,
    ClaimWaiters waiters,
    PoolQueue queue,
    RunnerClock clock,
    LeaderGate gate,
    IScalerMetrics metrics,
    ControlOptions options,
    TimeProvider time,
    ILogger<ClaimDesk> log)
{
    /// <summary>How long a follower sends a pod away: by then it may reach the leader.</summary>
    internal static readonly TimeSpan AskTheLeader = TimeSpan.FromSeconds(1);

    /// <summary>When a pod that the watch has not shown is to come again.</summary>
    private static readonly TimeSpan AskWhenSeen = TimeSpan.FromSeconds(1);

    /// <summary>
    /// An identity that is being made is waited for beyond the end of the hold, because it cannot be kept.
    /// </summary>
    private static readonly TimeSpan GrantTime = TimeSpan.FromSeconds(30);

    public async Task<ClaimAnswer> ClaimAsync(PodIdentity identity, CancellationToken cancel)
    {
        var answer = gate.IsOpen
            ? await AnswerAsync(identity, cancel)
            : new ClaimAnswer.Unavailable(AskTheLeader);
        if (answer is ClaimAnswer.Retired && Find(identity) is not null)
            notes.Update(identity.Uid, n => n with { Dismissed = n.Retiring ?? n.Dismissed ?? Verdict.Retired });
        metrics.ClaimAnswered(WordFor(answer));
        return answer;
    }

    /// <summary>
    /// Gives the identity that a plan decided on. Returns at once; the pod's open claim is answered when it is made.
    /// </summary>
    public void Grant(Pool pool, ClaimGrant grant)
    {
        var pod = grant.Runner.Pod!;

        // It may bear one that was taken back: a request to write that, given up as lost, may have come late.
        var late = pod.Mark is { } mark
            ? new Grant(grant.Target, pod.RunnerName(mark.Attempt), mark.Attempt, mark.At)
            : null;
        granter.Start(pool, pod, grant.Target, late);
    }

    /// <summary>Tells a waiting pod to end.</summary>
    public void Dismiss(string uid, string why) => waiters.Answer(uid, new ClaimAnswer.Retired(why));

    /// <summary>Sends all who wait away, to ask the next leader.</summary>
    public void Adjourn() => waiters.AnswerAll(new ClaimAnswer.Unavailable(AskTheLeader));

    private async Task<ClaimAnswer> AnswerAsync(PodIdentity identity, CancellationToken cancel)
    {
        // Open from the start: an identity that is made while this is still asking finds it.
        using var waiter = waiters.Open(identity.Uid);
        try
        {
            var pod = Find(identity);
            if (pod is not null && await AtOnceAsync(pod, cancel) is { } answer)
                return answer;
            Note(identity, pod);
            return await HoldAsync(identity, waiter, cancel);
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
        if (Find(identity) is null)
            notes.Forget(identity.Uid);
    }

    /// <summary>The answers that need no waiting; null if it must wait.</summary>
    private async Task<ClaimAnswer?> AtOnceAsync(PodFacts pod, CancellationToken cancel)
    {
        var note = notes.Of(pod.Uid);
        if (pod.DeletingSince is not null || pod.HasEnded)
            return new ClaimAnswer.Retired("the pod is on its way out");
        if (note.Retiring is not null)
            return new ClaimAnswer.Retired("no job needs this runner");
        if (note.LetGo)
            return new ClaimAnswer.Retired("its identity was given back");
        if (note.GrantInFlight)
            return null;
        var authority = authorities.Of(pod);
        if (Runner.MisfitOf(pod, note, authority) != MarkMisfit.None)
            return new ClaimAnswer.Retired("what is written on the pod is no identity that its pool gives");
        if (Runner.GrantOf(pod, note, authority) is not { } lost)
            return null;
        if (pools.Pools.FirstOrDefault(p => p.Key == pod.Pool) is not { } named)
            return new ClaimAnswer.Unavailable(AskWhenSeen);
        if (named.Pool is not { } pool)
            return new ClaimAnswer.Retired("its pool is invalid");
        return await granter.ReissueAsync(pool, pod, lost, cancel);
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
        queue.Add(pod.Pool);
    }

    private async Task<ClaimAnswer> HoldAsync(
        PodIdentity identity, ClaimWaiters.Waiter waiter, CancellationToken cancel)
    {
        if (await waiter.WaitAsync(options.ClaimHold, time, cancel) is { } answer)
            return answer;
        if (notes.Of(identity.Uid).GrantInFlight && await waiter.WaitAsync(GrantTime, time, cancel) is { } late)
            return late;
        var unseen = Find(identity) is null ? await UnseenAsync(identity, cancel) : null;
        return waiter.End() ?? unseen ?? new ClaimAnswer.Standby();
    }

    /// <summary>What to say to a pod that the watch has not shown: no only if the API server says no.</summary>
    private async Task<ClaimAnswer> UnseenAsync(PodIdentity identity, CancellationToken cancel)
    {
        var sight = await pods.LookAsync(identity.Namespace, identity.Name, cancel);
        if (sight.Known && sight.Pod?.Uid != identity.Uid)
            return new ClaimAnswer.Refused("no runner of this controller has this name and uid");
        LogUnseen(identity.Namespace, identity.Name);
        return new ClaimAnswer.Unavailable(AskWhenSeen);
    }

    // The watch may be behind: a pod that it does not show yet waits like any other, until it does.
    private PodFacts? Find(PodIdentity identity) =>
        pods.Find(identity.Namespace, identity.Name) is { } pod && pod.Uid == identity.Uid ? pod : null;

    private static string WordFor(ClaimAnswer answer) => answer switch
    {
        ClaimAnswer.Granted => "granted",
        ClaimAnswer.Standby => "standby",
        ClaimAnswer.Retired => "retire",
        ClaimAnswer.Refused => "refused",
        _ => "unavailable",
    };

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Pod {Namespace}/{Pod} claims, and the watch has not shown it: it is told to come again")]
    private partial void LogUnseen(string @namespace, string pod);
}
