using RunnerScaler.Control.Claims;
using RunnerScaler.Control.Queue;
using RunnerScaler.Control.Reconcile;
using RunnerScaler.Control.Sweep;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Control.Terms;

/// <summary>
/// One term of leadership. All that is known, asked for, timed and counted in it is made with it and dropped with it
/// (<see cref="ControlRegistration"/> says what): another leader may give and take identities before this replica leads
/// again, and jobs and pods go.
/// </summary>
internal sealed class Term(
    Messenger messenger,
    Feeds feeds,
    Sweeper sweeper,
    ReconcileLoops loops,
    RequestHandlers handlers,
    Reception reception,
    ClaimWaiters waiters,
    WriteBounds bounds)
{
    /// <summary>Keeps all loops running until it is cancelled. Ends when every write it started has ended.</summary>
    /// <param name="others">Tasks that end the term, too, if they end.</param>
    /// <param name="over">Ends it.</param>
    public async Task RunAsync(IEnumerable<Task> others, CancellationTokenSource over)
    {
        try
        {
            messenger.Begin();
            reception.Open(handlers);
            await UntilOneEndsAsync(
                [.. feeds.Start(over.Token), sweeper.RunAsync(over.Token), .. loops.Start(over.Token), .. others],
                over);
        }
        finally
        {
            var endRequests = reception.Close();

            // An identity that is being made still reaches its pod.
            await bounds.WhenIdleAsync();
            waiters.ReleaseAll();
            await endRequests();
            await bounds.WhenIdleAsync();
        }
    }

    /// <summary>A loop that ends before the term does takes the others with it, and its error to the caller.</summary>
    private static async Task UntilOneEndsAsync(Task[] loops, CancellationTokenSource over)
    {
        var first = await Task.WhenAny(loops);
        over.Cancel();
        try
        {
            await Task.WhenAll(loops);
        }
        catch (OperationCanceledException) when (!first.IsFaulted)
        {
            // The term is over: that is how loops end.
        }
    }
}
