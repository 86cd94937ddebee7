using System.Diagnostics.CodeAnalysis;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;

namespace RunnerScaler.Control;

/// <summary>
/// Where pods' requests arrive, whether this replica leads or not: the desks of the present term answer them, and
/// without one they are sent away to ask the leader.
/// </summary>
internal sealed class Reception(IScalerMetrics metrics)
{
    private volatile Desks? open;

    public async Task<ClaimAnswer> ClaimAsync(PodIdentity identity, CancellationToken cancel)
    {
        if (open is { } desks && await desks.AskAsync(c => desks.Claims.ClaimAsync(identity, c), cancel) is { } answer)
            return answer;
        metrics.ClaimAnswered("unavailable");
        return new ClaimAnswer.Unavailable(ClaimDesk.AskTheLeader);
    }

    public async Task<ReturnAnswer> ReturnAsync(PodIdentity identity, CancellationToken cancel) =>
        open is { } desks && await desks.AskAsync(c => desks.Returns.ReturnAsync(identity, c), cancel) is { } answer
            ? answer
            : new ReturnAnswer.Unavailable(ClaimDesk.AskTheLeader);

    /// <summary>A term begins: its desks answer from now on.</summary>
    public void Open(ClaimDesk claims, ReturnDesk returns) => open = new(claims, returns);

    /// <summary>The term is over: what comes from now on is sent away.</summary>
    /// <returns>Cuts the requests short that its desks are still at; ends when they have ended.</returns>
    public Func<Task> Close()
    {
        var desks = open;
        open = null;
        return desks is null ? () => Task.CompletedTask : desks.EndAsync;
    }

    [SuppressMessage("Design", "CA1001", Justification = "The source holds nothing unless its wait handle is used")]
    private sealed class Desks(ClaimDesk claims, ReturnDesk returns)
    {
        private readonly CancellationTokenSource over = new();
        private readonly HashSet<Task> running = [];

        public ClaimDesk Claims => claims;

        public ReturnDesk Returns => returns;

        /// <returns>The answer; null if the term ended before there was one.</returns>
        public async Task<T?> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancel)
            where T : class
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
            var asked = ask(either.Token);
            lock (running)
                running.Add(asked);
            try
            {
                return await asked;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return null;
            }
            finally
            {
                lock (running)
                    running.Remove(asked);
            }
        }

        public async Task EndAsync()
        {
            over.Cancel();
            Task[] left;
            lock (running)
                left = [.. running];
            await Task.WhenAll(left).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }
}
