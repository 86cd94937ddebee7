using System.Collections.Concurrent;
using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Queue;

/// <summary>One reading loop for each account that a pool names, started and stopped as pools come and go.</summary>
internal sealed partial class QueueReader(
    IJobSource source,
    IPoolStore pools,
    Authorities authorities,
    JobBoardStore board,
    Heartbeats beats,
    IScalerMetrics metrics,
    TimeProvider time,
    ILogger<QueueReader> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(1);

    private readonly AsyncAutoResetEvent poolsChanged = new(time);
    private readonly ConcurrentDictionary<AccountKey, Reading> readings = new();
    private readonly List<Task> ending = [];

    public async Task RunAsync(CancellationToken cancel)
    {
        void Wake(PoolKey pool) => poolsChanged.Set();
        pools.Changed += Wake;
        try
        {
            while (true)
            {
                beats.Beat(nameof(QueueReader), Interval * 3);
                Adjust(cancel);
                foreach (var account in readings.Keys)
                    MeasureAge(account);
                await poolsChanged.WaitAsync(Interval, cancel);
            }
        }
        finally
        {
            pools.Changed -= Wake;
            foreach (var reading in readings.Values)
                ending.Add(EndAsync(reading));
            readings.Clear();
            using (beats.Outside(nameof(QueueReader), Interval))
                await Task.WhenAll(ending);
            ending.Clear();
            beats.Stop(nameof(QueueReader));
        }
    }

    /// <summary>
    /// Something may have happened in a repository: every account that watches it reads it at once. Whose credential is
    /// used for that, the pools have decided before. Safe to call from any thread.
    /// </summary>
    /// <returns>Whether any account watches it.</returns>
    public bool Hint(RepositoryKey repository)
    {
        var isKnown = false;
        foreach (var (account, reading) in readings)
            if (account.Server == repository.Server && source.Hint(account, repository))
            {
                isKnown = true;
                reading.Changed.Set();
            }
        return isKnown;
    }

    private void Adjust(CancellationToken cancel)
    {
        var wanted = Scopes(pools.Pools);
        ending.RemoveAll(e => e.IsCompletedSuccessfully);
        foreach (var (account, reading) in readings.Where(r => !wanted.ContainsKey(r.Key)).ToArray())
        {
            readings.TryRemove(account, out _);
            ending.Add(EndAsync(reading));
        }
        foreach (var (account, scopes) in wanted)
        {
            if (readings.TryGetValue(account, out var reading))
                reading.Update(scopes);
            else
                readings[account] = Start(account, scopes, cancel);
        }
    }

    private static async Task EndAsync(Reading reading)
    {
        reading.Stop.Cancel();
        await reading.Loop;
        reading.Stop.Dispose();
    }

    private static Dictionary<AccountKey, ImmutableArray<Scope>> Scopes(ImmutableArray<PoolObject> all) => all
        .Where(p => p.Pool is { Deleting: false, UsesScaleSets: false })
        .GroupBy(p => p.Pool!.Account)
        .ToDictionary(g => g.Key, g => g.SelectMany(p => p.Pool!.Serves).Distinct().ToImmutableArray());

    private Reading Start(AccountKey account, ImmutableArray<Scope> scopes, CancellationToken cancel)
    {
        var reading =
            new Reading(CancellationTokenSource.CreateLinkedTokenSource(cancel), new AsyncAutoResetEvent(time), scopes);
        reading.Loop = LoopAsync(account, reading, reading.Stop.Token);
        return reading;
    }

    private async Task LoopAsync(AccountKey account, Reading reading, CancellationToken cancel)
    {
        var name = $"{nameof(QueueReader)} {account}";
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                TimeSpan wait;
                using (beats.Outside(name, LongestStep))
                    wait = await ReadAsync(account, name, reading.Scopes, cancel);
                MeasureAge(account);
                metrics.RepositoriesUnread(account, board.Now.Unread(account).Count());
                beats.Beat(name, wait + LongestStep);
                await reading.Changed.WaitAsync(wait, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Stopped: the account is not needed, or not ours to read, any more.
        }
        finally
        {
            beats.Stop(name);
            Forget(account);
        }
    }

    // An account whose reading breaks stops no other, and is not given up.
    private async Task<TimeSpan> ReadAsync(
        AccountKey account, string loop, ImmutableArray<Scope> scopes, CancellationToken cancel)
    {
        void Observe(JobObservation seen)
        {
            beats.Heard(loop);
            board.Observe(seen);
        }
        try
        {
            return await source.ReadAsync(account, scopes, Observe, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            LogFailed(e, account);
            return Interval;
        }
    }

    // Also while a reading hangs: how old the board is, is what then tells of it.
    private void MeasureAge(AccountKey account)
    {
        if (board.Now.OldestReading(account) is { } oldest)
            metrics.BoardAge(account, time.GetUtcNow() - oldest);
    }

    private void Forget(AccountKey account)
    {
        if (Scopes(pools.Pools).ContainsKey(account))
            return;
        if (authorities.Needs(account))
            source.ForgetReadings(account);
        else
            source.Forget(account);
        board.Observe(new JobObservation.AccountForgotten(account, time.GetUtcNow()));
        metrics.AccountForgotten(account);
    }

    private sealed class Reading(
        CancellationTokenSource stop, AsyncAutoResetEvent changed, ImmutableArray<Scope> scopes)
    {
        public CancellationTokenSource Stop => stop;

        public AsyncAutoResetEvent Changed => changed;

        public ImmutableArray<Scope> Scopes { get; private set; } = scopes;

        public Task Loop { get; set; } = Task.CompletedTask;

        public void Update(ImmutableArray<Scope> now)
        {
            if (Scopes.SequenceEqual(now))
                return;
            Scopes = now;
            changed.Set();
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Reading the queue of {Account} failed; it is tried again after a pause")]
    private partial void LogFailed(Exception exception, AccountKey account);
}
