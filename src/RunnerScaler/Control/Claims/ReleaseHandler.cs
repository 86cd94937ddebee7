using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Claims;

/// <summary>
/// Where pods that are asked to end before they had a job give their identity back, so that GitHub assigns them none
/// while they go.
/// </summary>
internal sealed partial class ReleaseHandler(
    IPodStore pods,
    PodCalls calls,
    RunnerNotes notes,
    Authorities authorities,
    Queues queues,
    TimeProvider time,
    ILogger<ReleaseHandler> log)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    public async Task<ReturnAnswer> ReturnAsync(PodIdentity identity, CancellationToken cancel)
    {
        var pod = pods.Find(identity.Namespace, identity.Name);
        var note = notes.Of(identity.Uid);
        if (note.GrantInFlight)
            return new ReturnAnswer.Unavailable(AskAgain);
        if (note.Deregistered)
            return new ReturnAnswer.Returned();
        if (pod is null || pod.Uid != identity.Uid || GrantOf(pod, note) is null)
        {
            // The watch may be behind: another leader may have given it an identity, or made it, a moment ago.
            var found = await pods.GetAsync(identity.Namespace, identity.Name, cancel);
            if (!found.Known)
                return new ReturnAnswer.Unavailable(AskAgain);
            pod = found.Pod;
        }
        return pod?.Uid == identity.Uid && GrantOf(pod, note) is { } grant
            ? Conclude(pod, grant, await calls.DeleteAsync(pod, grant, cancel))
            : new ReturnAnswer.Returned();
    }

    private Grant? GrantOf(PodFacts pod, RunnerNote note) => Runner.GrantOf(pod, note, authorities.Of(pod));

    private ReturnAnswer Conclude(PodFacts pod, Grant grant, PodCallAnswer answer)
    {
        var now = time.GetUtcNow();
        switch (answer.Said)
        {
            case Deletion.Busy when !answer.IsNew:
                return new ReturnAnswer.Busy();
            case Deletion.Busy:
                notes.Update(pod.Uid, n => n with { BusySince = n.BusySince ?? now, CheckedAt = now });
                queues.Add(pod);
                return new ReturnAnswer.Busy();
            case null or Deletion.Unknown:
                return new ReturnAnswer.Unavailable(AskAgain);
            default:
                notes.Update(pod.Uid, n => n with { Deregistered = true, GivenBack = true });
                LogReturned(pod.Pool, grant.RunnerName);
                queues.Add(pod);
                return new ReturnAnswer.Returned();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pool {Pool}: {Runner} was given back by its pod")]
    private partial void LogReturned(PoolKey pool, string runner);
}
