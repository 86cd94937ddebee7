using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Claims;

/// <summary>The answers to claims that need no waiting.</summary>
internal sealed class ImmediateAnswers(
    IPoolStore pools, RunnerNotes notes, Authorities authorities, LostIdentities lost)
{
    /// <summary>When a pod whose pool the watch has not shown is to come again.</summary>
    private static readonly TimeSpan AskWhenSeen = TimeSpan.FromSeconds(1);

    /// <returns>The answer; null if the claim must wait for one.</returns>
    public async Task<ClaimAnswer?> ForAsync(PodFacts pod, CancellationToken cancel)
    {
        var note = notes.Of(pod.Uid);
        if (pod.DeletingSince is not null || pod.HasEnded)
            return new ClaimAnswer.Retired("the pod is on its way out");
        if (note.Retiring is not null)
            return new ClaimAnswer.Retired("no job needs this runner");
        if (note.Deregistered)
            return new ClaimAnswer.Retired("its identity was given back");
        if (note.GrantInFlight)
            return null;
        var authority = authorities.Of(pod);
        if (Runner.MisfitOf(pod, note, authority) != AnnotationMisfit.None)
            return new ClaimAnswer.Retired("what is written on the pod is no identity that its pool gives");
        if (Runner.GrantOf(pod, note, authority) is not { } given)
            return null;
        if (pools.Pools.FirstOrDefault(p => p.Key == pod.Pool) is not { } named)
            return new ClaimAnswer.Unavailable(AskWhenSeen);
        if (named.Pool is not { } pool)
            return new ClaimAnswer.Retired("its pool is invalid");
        return await lost.ReissueAsync(pool, pod, given, cancel);
    }
}
