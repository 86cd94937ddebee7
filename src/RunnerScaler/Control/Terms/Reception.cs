using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Terms;

/// <summary>
/// Where requests of pods and of people arrive, whether this replica leads or not: the handlers of the present term
/// answer them, and without one they are sent away to ask the leader.
/// </summary>
internal sealed class Reception(LeaderGate gate, IScalerMetrics metrics)
{
    private volatile RequestHandlers? open;

    private RequestHandlers? Leading => gate.IsOpen ? open : null;

    public async Task<ClaimAnswer> ClaimAsync(PodIdentity identity, CancellationToken cancel)
    {
        var answer = Leading is { } handlers
            ? await handlers.AskAsync(c => handlers.Claims.ClaimAsync(identity, c), cancel)
            : null;
        answer ??= new ClaimAnswer.Unavailable(LeaderGate.AskTheLeader);
        metrics.ClaimAnswered(WordFor(answer));
        return answer;
    }

    public async Task<ReturnAnswer> ReturnAsync(PodIdentity identity, CancellationToken cancel) =>
        Leading is { } handlers
        && await handlers.AskAsync(c => handlers.Returns.ReturnAsync(identity, c), cancel) is { } answer
            ? answer
            : new ReturnAnswer.Unavailable(LeaderGate.AskTheLeader);

    /// <summary>What the present term knows; null without one.</summary>
    public Knowledge? Know() => Leading?.Inquiries.Gather();

    /// <summary>Something may have happened in a repository.</summary>
    public HintResult Hint(RepositoryKey repository) => Leading is not { } handlers ? HintResult.NotLeading
        : handlers.Queue.Hint(repository) ? HintResult.Taken
        : HintResult.Unknown;

    /// <summary>A term begins: its handlers answer from now on.</summary>
    public void Open(RequestHandlers handlers) => open = handlers;

    /// <summary>The term is over: what comes from now on is sent away.</summary>
    /// <returns>Cuts the requests short that its handlers are still at; ends when they have ended.</returns>
    public Func<Task> Close()
    {
        var handlers = open;
        open = null;
        return handlers is null ? () => Task.CompletedTask : handlers.EndAsync;
    }

    private static string WordFor(ClaimAnswer answer) => answer switch
    {
        ClaimAnswer.Granted => "granted",
        ClaimAnswer.Standby => "standby",
        ClaimAnswer.Retired => "retire",
        ClaimAnswer.Refused => "refused",
        _ => "unavailable",
    };
}
