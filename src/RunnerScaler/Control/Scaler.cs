using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.Control;

/// <summary>
/// The controller: while this replica leads, and once its caches are filled, it keeps all loops running; when it stops
/// leading it ends them all before it may start again.
/// </summary>
internal sealed partial class Scaler(
    IPoolStore pools,
    IPodStore pods,
    LiveBoard board,
    PendingWrites pending,
    RunnerNotes notes,
    Authorities authorities,
    ClaimDesk desk,
    Workers workers,
    QueueReader reader,
    Sweeper sweeper,
    PoolQueue poolQueue,
    RunnerQueue runnerQueue,
    RunnerReconciler runnerReconciler,
    Lanes lanes,
    LeaderGate gate,
    Heartbeats beats,
    IScalerMetrics metrics,
    TimeProvider time,
    ILogger<Scaler> log)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Signal leadership = new(time);

    /// <summary>Runs until it is cancelled. Ends only when every write it started has ended.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        gate.Changed += OnLeadership;
        pods.Changed += OnPod;
        pools.Changed += poolQueue.Add;
        board.Changed += OnBoard;
        try
        {
            while (true)
            {
                beats.Beat(nameof(Scaler), Look * 30);
                if (gate.IsOpen && pods.Synced && pools.Synced)
                    await LeadAsync(cancel);
                await leadership.WaitAsync(Look, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await lanes.WhenIdleAsync();
        }
        finally
        {
            gate.Changed -= OnLeadership;
            pods.Changed -= OnPod;
            pools.Changed -= poolQueue.Add;
            board.Changed -= OnBoard;
        }
    }

    private async Task LeadAsync(CancellationToken cancel)
    {
        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        void EndTerm(bool leads)
        {
            if (!leads)
                term.Cancel();
        }
        LogTerm();
        gate.Changed += EndTerm;
        try
        {
            AddAll();
            await UntilOneEndsAsync(
                [
                    reader.RunAsync(term.Token),
                    sweeper.RunAsync(term.Token),
                    .. workers.Start(term.Token),
                    WatchGateAsync(term),
                ],
                term);
        }
        finally
        {
            gate.Changed -= EndTerm;
            await ForgetTermAsync();
            LogTermOver();
        }
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Ends what the term has begun and forgets it: another leader may give and take identities before this one leads
    /// again.
    /// </summary>
    private async Task ForgetTermAsync()
    {
        await lanes.WhenIdleAsync();
        desk.Adjourn();
        notes.Clear();
        authorities.Clear();
        pending.Clear();
    }

    /// <summary>A loop that ends before the term does takes the others with it, and its error to the caller.</summary>
    private static async Task UntilOneEndsAsync(Task[] loops, CancellationTokenSource term)
    {
        var first = await Task.WhenAny(loops);
        term.Cancel();
        try
        {
            await Task.WhenAll(loops);
        }
        catch (OperationCanceledException) when (!first.IsFaulted)
        {
            // The term is over: that is how loops end.
        }
    }

    // The gate closes by the clock alone when renewals fail, and nobody may be there to tell of it.
    private async Task WatchGateAsync(CancellationTokenSource term)
    {
        while (gate.IsOpen)
        {
            beats.Beat(nameof(Scaler), Look * 30);
            await Task.Delay(Look, time, term.Token);
        }
        gate.Close();
    }

    private void AddAll()
    {
        foreach (var pool in pools.Pools)
        {
            poolQueue.Add(pool.Key);
            foreach (var pod in pods.InPool(pool.Key))
                runnerQueue.Add(new(pool.Key, pod.Slot));
        }
    }

    private void OnLeadership(bool leads)
    {
        metrics.Leading(leads);
        leadership.Set();
    }

    private void OnPod(PodFacts? before, PodFacts? after)
    {
        if (before is not null && before.Uid != after?.Uid && gate.IsOpen)
            runnerReconciler.Vanished(before);
        var pod = (after ?? before)!;
        pending.Observed(pod.Pool, pod.Slot, pod.Uid);
        poolQueue.Add(pod.Pool);
        runnerQueue.Add(new(pod.Pool, pod.Slot));
    }

    private void OnBoard(AccountKey account)
    {
        foreach (var pool in pools.Pools)
            if (pool.Pool?.Account == account)
                poolQueue.Add(pool.Key);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica leads")]
    private partial void LogTerm();

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica does not lead any more")]
    private partial void LogTermOver();
}
