using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Terms;

/// <summary>
/// The controller: while this replica leads, and once its caches are filled, it runs a <see cref="Terms.Term"/>; when
/// it stops leading it ends that before it may begin another.
/// </summary>
internal sealed partial class Scaler(
    IServiceScopeFactory scopes,
    IPoolStore pools,
    IPodStore pods,
    LeaderGate gate,
    Heartbeats beats,
    IScalerMetrics metrics,
    TimeProvider time,
    ILogger<Scaler> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly AsyncAutoResetEvent leadership = new(time);

    /// <summary>What the present term is made of; null while there is none.</summary>
    public IServiceProvider? Term { get; private set; }

    /// <summary>Runs until it is cancelled. Ends only when every write it started has ended.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        gate.Changed += OnLeadership;
        pools.Changed += OnPool;
        try
        {
            while (true)
            {
                beats.Beat(nameof(Scaler), Interval * 30);
                if (gate.IsOpen && pods.Synced && pools.Synced)
                    await LeadAsync(cancel);
                await leadership.WaitAsync(Interval, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to stop, and the term is over.
        }
        finally
        {
            gate.Changed -= OnLeadership;
            pools.Changed -= OnPool;
        }
    }

    private async Task LeadAsync(CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        void EndTerm(bool leads)
        {
            if (!leads)
                over.Cancel();
        }
        await using var scope = scopes.CreateAsyncScope();
        LogTerm();
        metrics.Leading(true);
        gate.Changed += EndTerm;
        Term = scope.ServiceProvider;
        try
        {
            await Term.GetRequiredService<Term>().RunAsync([WatchGateAsync(over)], over);
        }
        finally
        {
            Term = null;
            gate.Changed -= EndTerm;

            // Also what passes showed that were under way when the lease was lost.
            metrics.Leading(false);
            LogTermOver();
        }
        cancel.ThrowIfCancellationRequested();
    }

    // The gate closes by the clock alone when renewals fail, and nobody may be there to tell of it.
    private async Task WatchGateAsync(CancellationTokenSource term)
    {
        try
        {
            while (gate.IsOpen)
            {
                beats.Beat(nameof(Scaler), Interval * 30);
                await Task.Delay(Interval, time, term.Token);
            }
            gate.Close();
        }
        finally
        {
            // From now on the term only waits for what it has asked of other machines.
            beats.Heard(nameof(Scaler));
        }
    }

    private void OnLeadership(bool leads)
    {
        metrics.Leading(leads);
        leadership.Set();
    }

    // Whoever leads: this replica may have shown it in an earlier term.
    private void OnPool(PoolKey key)
    {
        if (pools.Pools.All(p => p.Key != key))
            metrics.PoolForgotten(key);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica leads")]
    private partial void LogTerm();

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica does not lead any more")]
    private partial void LogTermOver();
}
