using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// Makes identities: marks the pod first (an atomic compare-and-swap, so that no pod ever gets two), then registers the
/// runner, then answers the pod. The JIT config is in memory only, from GitHub's answer to ours.
/// </summary>
internal sealed partial class Granter(
    IPodStore pods,
    IRunnerRegistrar registrar,
    PodCalls calls,
    RunnerNotes notes,
    ClaimWaiters waiters,
    TargetFaults faults,
    Orphans orphans,
    PoolQueue queue,
    RunnerClock clock,
    Lanes lanes,
    TimeProvider time,
    ILogger<Granter> log)
{
    /// <summary>A name that GitHub says is taken is given up; after so many something else is wrong.</summary>
    private const int MostNames = 3;

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

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
            Requested = false,
            RunnerId = null,
            RegisteredAt = null,
            CheckedAt = null,
            Seen = null,
            BusySince = null,
            Grant = Next(pod, target, Math.Max(note.Attempt, expected?.Attempt ?? 0) + 1),
        });
        if (begun)
            lanes.Grants.Start(() => GrantAsync(pool, pod, expected));
        return begun;
    }

    /// <summary>
    /// Answers a pod that claims although it was given an identity: the first registration is deleted, and if that
    /// shows that it was never used, the pod is given another.
    /// </summary>
    /// <returns>The answer; null if it, or another identity, is on its way to the pod's claim.</returns>
    public async Task<ClaimAnswer?> ReissueAsync(Pool pool, PodFacts pod, Grant lost, CancellationToken cancel)
    {
        var note = notes.Of(pod.Uid);
        var call = await calls.DeleteAsync(pod, lost, cancel);
        if (call.IsNew)
            LogClaimedAgain(pool.Key, lost.RunnerName);
        var after = notes.Of(pod.Uid);
        if (call.Said is not { } said || after.GrantInFlight || (after.Grant ?? lost).RunnerName != lost.RunnerName)
            return null;
        var knowsItWasNot = note.Grant is not null && !note.Requested;
        var answer = Conclude(pool, pod, lost, ClaimRule.AfterLostAnswer(said, !knowsItWasNot), call.NextIn);

        // A newer claim of the pod, which came while GitHub was being asked, is the one that still listens.
        if (answer is not null)
            waiters.Answer(pod.Uid, answer);
        return answer;
    }

    private ClaimAnswer? Conclude(Pool pool, PodFacts pod, Grant lost, Reissue then, TimeSpan nextIn)
    {
        switch (then)
        {
            case Reissue.Grant:
                Start(pool, pod, lost.Target, lost);
                return null;
            case Reissue.Retire:
                return new ClaimAnswer.Retired("its identity has been used");
            case Reissue.Refuse:
                return new ClaimAnswer.Refused("its runner is busy");
            default:
                return new ClaimAnswer.Unavailable(nextIn);
        }
    }

    private async Task GrantAsync(Pool pool, PodFacts pod, Grant? expected)
    {
        var answer = (ClaimAnswer)new ClaimAnswer.Unavailable(AskAgain);
        try
        {
            answer = await MakeAsync(pool, pod, expected);
        }
        finally
        {
            // Before the note: a claim whose hold is over goes by the note, and must find the answer once that is made.
            if (!waiters.Answer(pod.Uid, answer) && answer is ClaimAnswer.Granted unheard)
                LogUnheard(pool.Key, unheard.RunnerName);
            notes.Update(pod.Uid, n => n with
            {
                GrantInFlight = false,
                Grant = answer is ClaimAnswer.Granted || n.Requested ? n.Grant : null,
            });
            ForgetIfGone(pod, answer is ClaimAnswer.Granted);
            queue.Add(pool.Key);
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

    private async Task<ClaimAnswer> MakeAsync(Pool pool, PodFacts pod, Grant? expected)
    {
        for (var names = 0; names < MostNames; names++)
        {
            var grant = notes.Of(pod.Uid).Grant!;
            var mark = await MarkAsync(pod, expected, grant);
            if (mark.Why is { } refusal)
                return Rest(pod, refusal);
            if (mark != MarkResult.Marked)
                return mark == MarkResult.PodGone
                    ? new ClaimAnswer.Retired("the pod is on its way out")
                    : new ClaimAnswer.Unavailable(AskAgain);
            notes.Update(pod.Uid, n => n with
            {
                Requested = true,
                Attempt = grant.Attempt,
                Call = n.Call?.Charged(),
                MarkNotBefore = null,
                MarkRefusals = 0,
            });
            var sent = time.GetTimestamp();
            var request = new JitRequest(grant.Target, grant.RunnerName, pool.GroupAt(grant.Target), pool.Labels);
            var result = await registrar.CreateJitConfigAsync(request, CancellationToken.None);
            if (result is not JitResult.NameTaken)
                return await ConcludeAsync(pool.Key, pod, grant, result, time.GetElapsedTime(sent));
            expected = grant;
            notes.Update(pod.Uid, n => n with { Grant = Next(pod, grant.Target, grant.Attempt + 1) });
        }
        return new ClaimAnswer.Unavailable(AskAgain);
    }

    /// <summary>The pod claims on, and is given an identity when the API server may think otherwise.</summary>
    private ClaimAnswer.Standby Rest(PodFacts pod, Refusal refusal)
    {
        var now = time.GetUtcNow();
        notes.Update(pod.Uid, n => n with
        {
            MarkRefusals = n.MarkRefusals + 1,
            MarkNotBefore = now + SlotPauses.PauseAfter(n.MarkRefusals + 1, refusal.RetryAfter),
        });
        return new ClaimAnswer.Standby();
    }

    private async Task<ClaimAnswer> ConcludeAsync(
        PoolKey pool, PodFacts pod, Grant grant, JitResult result, TimeSpan took)
    {
        switch (result)
        {
            case JitResult.Registered registered:
                var now = time.GetUtcNow();
                notes.Update(pod.Uid, n => n with { RunnerId = registered.RunnerId, RegisteredAt = now });
                clock.Registered(pool, grant.RunnerName, took, notes.Of(pod.Uid).ClaimedAt, now);
                faults.Clear(pool, grant.Target);
                LogRegistered(pool, grant.RunnerName, grant.Target);
                return new ClaimAnswer.Granted(grant.RunnerName, registered.Config);
            case JitResult.Refused refused:
                faults.Put(pool, grant.Target, refused.Fault, null);
                await TakeBackAsync(pod, grant);
                LogRefused(pool, grant.Target, refused.Fault.Message);
                return new ClaimAnswer.Standby();
            case JitResult.Unavailable unavailable:
                faults.Put(pool, grant.Target, unavailable.Fault, unavailable.RetryAfter);
                if (unavailable.MayExist)
                    orphans.Add(new(grant.Target, grant.RunnerName, null));
                await TakeBackAsync(pod, grant);
                LogRefused(pool, grant.Target, unavailable.Fault.Message);

                // The pause is the target's; meanwhile the pod is as good as any for others.
                return new ClaimAnswer.Unavailable(AskAgain);
            default:
                throw new InvalidOperationException($"{result.GetType().Name} is no answer to conclude with.");
        }
    }

    // What was taken back may still, or again, be there: neither the watch nor a request that comes late tells which.
    private async Task<MarkResult> MarkAsync(PodFacts pod, Grant? expected, Grant grant)
    {
        var mark = await pods.MarkAsync(pod, expected, grant, CancellationToken.None);
        var wasTakenBack = expected is not null && expected.RunnerName == notes.Of(pod.Uid).TakenBack;
        return mark == MarkResult.Conflict && wasTakenBack
            ? await pods.MarkAsync(pod, null, grant, CancellationToken.None)
            : mark;
    }

    // If this is lost, the pod keeps a mark without a registration; its next claim, or its deadline, clears that up.
    private async Task TakeBackAsync(PodFacts pod, Grant grant)
    {
        if (await pods.MarkAsync(pod, grant, null, CancellationToken.None) == MarkResult.Marked)
            notes.Update(pod.Uid, n => n with { Requested = false, Grant = null, TakenBack = grant.RunnerName });
    }

    private Grant Next(PodFacts pod, RegistrationTarget target, int attempt) =>
        new(target, Slot.RunnerName(pod.Pool.Name, pod.Slot, pod.Uid, attempt), attempt, time.GetUtcNow());

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: registered {Runner} at {Target}")]
    private partial void LogRegistered(PoolKey pool, string runner, RegistrationTarget target);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pool {Pool}: no runner can be registered at {Target}: {Why}")]
    private partial void LogRefused(PoolKey pool, RegistrationTarget target, string why);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Pool {Pool}: the pod of {Runner} did not wait for its identity; it gets another when it asks again")]
    private partial void LogUnheard(PoolKey pool, string runner);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "A pod of {Pool} that was given the identity {Runner} claims again: the answer may have been lost")]
    private partial void LogClaimedAgain(PoolKey pool, string runner);
}
