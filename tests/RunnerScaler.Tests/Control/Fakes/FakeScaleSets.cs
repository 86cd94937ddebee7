using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>Scale sets whose messages a test gives.</summary>
internal sealed class FakeScaleSets : IScaleSetSource
{
    /// <summary>What the next calls answer instead; null lets them through.</summary>
    public Func<ScaleSet, OpenResult?>? OnOpen { get; set; }

    /// <summary>What sessions begin with.</summary>
    public ScaleSetStatistics Totals { get; set; }

    /// <summary>All that were ever opened.</summary>
    public List<FakeSession> Sessions { get; } = [];

    public int Tries { get; private set; }

    public FakeSession Last => Sessions[^1];

    public Task<OpenResult> OpenAsync(ScaleSet set, string owner, CancellationToken cancel)
    {
        Tries++;
        if (OnOpen?.Invoke(set) is { } answer)
            return Task.FromResult(answer);
        Assert.DoesNotContain(Sessions, s => s.Set.Target == set.Target && !s.Closed);
        var session = new FakeSession(set);
        Sessions.Add(session);
        return Task.FromResult<OpenResult>(new OpenResult.Listening(session, Totals));
    }
}

internal sealed class FakeSession(ScaleSet set) : IScaleSetSession
{
    private readonly Queue<PollResult> next = new();
    private TaskCompletionSource<PollResult>? waiting;
    private long lastId;

    public ScaleSet Set => set;

    /// <summary>What was said at each wait.</summary>
    public List<int> Capacities { get; } = [];

    public List<long> Acknowledged { get; } = [];

    public List<long> Acquired { get; } = [];

    public bool Closed { get; private set; }

    /// <summary>Why nothing can be acknowledged; null if it can.</summary>
    public Problem? Stuck { get; set; }

    public void Tell(ScaleSetStatistics totals, params ScaleSetEvent[] events) =>
        Give(new PollResult.Came(new(++lastId, [.. events], totals)));

    public void Give(PollResult result)
    {
        var waiter = waiting;
        waiting = null;
        if (waiter?.TrySetResult(result) != true)
            next.Enqueue(result);
    }

    public async Task<PollResult> PollAsync(int capacity, CancellationToken cancel)
    {
        Assert.False(Closed);
        Capacities.Add(capacity);
        if (next.TryDequeue(out var result))
            return result;
        var waiter = waiting = new TaskCompletionSource<PollResult>();
        await using var ended = cancel.Register(() => waiter.TrySetCanceled(cancel));
        return await waiter.Task;
    }

    public Task<Problem?> AcknowledgeAsync(long message, CancellationToken cancel)
    {
        if (Stuck is null)
            Acknowledged.Add(message);
        return Task.FromResult(Stuck);
    }

    public Task<bool> AcquireAsync(ImmutableArray<long> requests, CancellationToken cancel)
    {
        Acquired.AddRange(requests);
        return Task.FromResult(true);
    }

    public Task CloseAsync(CancellationToken cancel)
    {
        Closed = true;
        return Task.CompletedTask;
    }
}
