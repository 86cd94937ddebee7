using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Claims;

/// <summary>
/// Makes an identity: marks the pod first (an atomic compare-and-swap, so that no pod ever gets two), then registers
/// the runner. The JIT config is in memory only, from GitHub's answer to ours.
/// </summary>
internal sealed partial class IdentityMaker(
    IPodStore pods,
    IRunnerRegistrar registrar,
    RunnerNotes notes,
    TargetProblems problems,
    Orphans orphans,
    PhaseTimings clock,
    TimeProvider time,
    ILogger<IdentityMaker> log)
{
    /// <summary>A name that GitHub says is taken is given up; after so many something else is wrong.</summary>
    private const int MostNames = 3;

    /// <summary>When a pod is to come again that cannot be answered now.</summary>
    internal static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    /// <summary>The identity that a pod is to have next.</summary>
    public Grant Next(PodFacts pod, RegistrationTarget target, int attempt) =>
        new(target, Slot.RunnerName(pod.Pool.Name, pod.Slot, pod.Uid, attempt), attempt, time.GetUtcNow());

    /// <summary>Makes the identity that the pod's note says is being made.</summary>
    /// <param name="pool">The pod's pool.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="expected">The identity that the pod has until now; null for none.</param>
    /// <returns>What to tell the pod.</returns>
    public async Task<ClaimAnswer> MakeAsync(Pool pool, PodFacts pod, Grant? expected)
    {
        for (var names = 0; names < MostNames; names++)
        {
            if (notes.Of(pod.Uid) is not { Withdrawn: false, Grant: { } grant })
                return new ClaimAnswer.Standby();
            var written = await SetGrantAsync(pod, expected, grant);
            if (written.Why is { } refusal)
                return Rest(pod, refusal);
            if (written != SetGrantResult.Written)
                return written == SetGrantResult.PodGone
                    ? new ClaimAnswer.Retired("the pod is on its way out")
                    : new ClaimAnswer.Unavailable(AskAgain);
            notes.Update(pod.Uid, n => n with
            {
                Written = true,
                Protected = true,
                Attempt = grant.Attempt,
                Call = n.Call?.Charged(),
                GrantNotBefore = null,
                GrantRefusals = 0,
            });
            var asked = clock.Begin();
            var request = new JitRequest(grant.Target, grant.RunnerName, pool.GroupAt(grant.Target), pool.Labels)
            {
                IsStillWanted = () => notes.TryUpdate(pod.Uid, Request),
            };
            var result = await registrar.CreateJitConfigAsync(request, CancellationToken.None);
            if (result is not JitResult.NameTaken)
                return await ConcludeAsync(pool.Key, pod, grant, result, asked);
            expected = grant;
            notes.Update(pod.Uid, n => n with { Grant = Next(pod, grant.Target, grant.Attempt + 1) });
        }
        return new ClaimAnswer.Unavailable(AskAgain);
    }

    private static RunnerNote? Request(RunnerNote note) => note.Withdrawn ? null : note with { Requested = true };

    /// <summary>The pod claims on, and is given an identity when the API server may think otherwise.</summary>
    private ClaimAnswer.Standby Rest(PodFacts pod, Refusal refusal)
    {
        var now = time.GetUtcNow();
        notes.Update(pod.Uid, n => n with
        {
            GrantRefusals = n.GrantRefusals + 1,
            GrantNotBefore = now + SlotPauses.PauseAfter(n.GrantRefusals + 1, refusal.RetryAfter),
        });
        return new ClaimAnswer.Standby();
    }

    private async Task<ClaimAnswer> ConcludeAsync(
        PoolKey pool, PodFacts pod, Grant grant, JitResult result, long asked)
    {
        switch (result)
        {
            case JitResult.Registered registered:
                var now = time.GetUtcNow();
                notes.Update(pod.Uid, n => n with { RunnerId = registered.RunnerId, RegisteredAt = now });
                clock.Registered(pool, grant.RunnerName, asked, notes.Of(pod.Uid).ClaimedAt, now);
                problems.Clear(pool, grant.Target);
                LogRegistered(pool, grant.RunnerName, grant.Target);
                return new ClaimAnswer.Granted(grant.RunnerName, registered.Config);
            case JitResult.Withdrawn:
                await TakeBackAsync(pod, grant);
                return new ClaimAnswer.Standby();
            case JitResult.Refused refused:
                problems.Put(pool, grant.Target, refused.Problem, null);
                await TakeBackAsync(pod, grant);
                LogRefused(pool, grant.Target, refused.Problem.Message);
                return new ClaimAnswer.Standby();
            case JitResult.Unavailable unavailable:
                problems.Put(pool, grant.Target, unavailable.Problem, unavailable.RetryAfter);
                if (unavailable.MayExist)
                    orphans.Add(new(grant.Target, grant.RunnerName, null));
                await TakeBackAsync(pod, grant);
                LogRefused(pool, grant.Target, unavailable.Problem.Message);

                // The pause is the target's; meanwhile the pod is as good as any for others.
                return new ClaimAnswer.Unavailable(AskAgain);
            default:
                throw new InvalidOperationException($"{result.GetType().Name} is no answer to conclude with.");
        }
    }

    // What was taken back may still, or again, be there: neither the watch nor a request that comes late tells which.
    private async Task<SetGrantResult> SetGrantAsync(PodFacts pod, Grant? expected, Grant grant)
    {
        var written = await pods.SetGrantAsync(pod, expected, grant, CancellationToken.None);
        var wasTakenBack = expected is not null && expected.RunnerName == notes.Of(pod.Uid).TakenBack;
        return written == SetGrantResult.Conflict && wasTakenBack
            ? await pods.SetGrantAsync(pod, null, grant, CancellationToken.None)
            : written;
    }

    // If this is lost, the pod keeps an annotation without a registration; its next claim, or its deadline, clears that
    // up.
    private async Task TakeBackAsync(PodFacts pod, Grant grant)
    {
        if (await pods.SetGrantAsync(pod, grant, null, CancellationToken.None) == SetGrantResult.Written)
            notes.Update(pod.Uid, n => n with
            {
                Written = false,
                Requested = false,
                Protected = false,
                Grant = null,
                TakenBack = grant.RunnerName,
            });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: registered {Runner} at {Target}")]
    private partial void LogRegistered(PoolKey pool, string runner, RegistrationTarget target);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pool {Pool}: no runner can be registered at {Target}: {Why}")]
    private partial void LogRefused(PoolKey pool, RegistrationTarget target, string why);
}
