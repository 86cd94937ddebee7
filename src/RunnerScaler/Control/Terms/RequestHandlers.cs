using System.Diagnostics.CodeAnalysis;
using RunnerScaler.Control.Claims;
using RunnerScaler.Control.Queue;

namespace RunnerScaler.Control.Terms;

/// <summary>What answers requests in one term, and the requests that it is at.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source holds nothing unless its wait handle is used")]
internal sealed class RequestHandlers(
    ClaimHandler claims, ReleaseHandler returns, InquiryHandler inquiries, QueueReader queue)
{
    private readonly CancellationTokenSource over = new();
    private readonly HashSet<Task> running = [];

    public ClaimHandler Claims => claims;

    public ReleaseHandler Returns => returns;

    public InquiryHandler Inquiries => inquiries;

    public QueueReader Queue => queue;

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

    /// <summary>Cuts the requests short; ends when they have ended.</summary>
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
