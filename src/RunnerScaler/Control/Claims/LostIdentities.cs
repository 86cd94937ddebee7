using RunnerScaler.Control.State;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Claims;

/// <summary>Sees to pods that claim although they were given an identity: its answer may have been lost.</summary>
internal sealed partial class LostIdentities(
    RunnerRegisterer registerer, PodCalls calls, RunnerNotes notes, ClaimWaiters waiters, ILogger<LostIdentities> log)
{
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
                registerer.Start(pool, pod, lost.Target, lost);
                return null;
            case Reissue.Retire:
                return new ClaimAnswer.Retired("its identity has been used");
            case Reissue.Refuse:
                return new ClaimAnswer.Refused("its runner is busy");
            default:
                return new ClaimAnswer.Unavailable(nextIn);
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "A pod of {Pool} that was given the identity {Runner} claims again: the answer may have been lost")]
    private partial void LogClaimedAgain(PoolKey pool, string runner);
}
