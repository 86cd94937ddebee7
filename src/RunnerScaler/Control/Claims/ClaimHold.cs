using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;

namespace RunnerScaler.Control.Claims;

/// <summary>Holds a claim open until it is answered or its time is over.</summary>
internal sealed partial class ClaimHold(
    IPodStore pods, RunnerNotes notes, ControlOptions options, TimeProvider time, ILogger<ClaimHold> log)
{
    /// <summary>When a pod that the watch has not shown is to come again.</summary>
    private static readonly TimeSpan AskWhenSeen = TimeSpan.FromSeconds(1);

    /// <summary>
    /// An identity that is being made is waited for beyond the end of the hold, because it cannot be kept.
    /// </summary>
    private static readonly TimeSpan GrantTime = TimeSpan.FromSeconds(30);

    public async Task<ClaimAnswer> HoldAsync(
        PodIdentity identity, ClaimWaiters.Waiter waiter, CancellationToken cancel)
    {
        if (await waiter.WaitAsync(options.ClaimHold, time, cancel) is { } answer)
            return answer;
        if (notes.Of(identity.Uid).GrantInFlight && await waiter.WaitAsync(GrantTime, time, cancel) is { } late)
            return late;
        var unseen = pods.Find(identity) is null ? await UnseenAsync(identity, cancel) : null;
        return waiter.End() ?? unseen ?? new ClaimAnswer.Standby();
    }

    /// <summary>What to say to a pod that the watch has not shown: no only if the API server says no.</summary>
    private async Task<ClaimAnswer> UnseenAsync(PodIdentity identity, CancellationToken cancel)
    {
        var found = await pods.GetAsync(identity.Namespace, identity.Name, cancel);
        if (found.Known && found.Pod?.Uid != identity.Uid)
            return new ClaimAnswer.Refused("no runner of this controller has this name and uid");
        LogUnseen(identity.Namespace, identity.Name);
        return new ClaimAnswer.Unavailable(AskWhenSeen);
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Pod {Namespace}/{Pod} claims, and the watch has not shown it: it is told to come again")]
    private partial void LogUnseen(string @namespace, string pod);
}
