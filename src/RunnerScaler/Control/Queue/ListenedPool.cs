using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Queue;

/// <summary>The listeners of one pool. Its methods are called by one loop.</summary>
internal sealed class ListenedPool(PoolKey key, PoolSets sets, SetListeners listeners, AsyncAutoResetEvent ended)
{
    private readonly Dictionary<(Scope Scope, ScaleSet Set), Listening> open = [];
    private readonly List<Task> ending = [];

    public PoolSets Sets => sets;

    /// <summary>Whether nobody listens, and all have closed their sessions.</summary>
    public bool IsOver => open.Count == 0 && ending.TrueForAll(e => e.IsCompleted);

    /// <summary>Listens to these sets, and to no others.</summary>
    /// <param name="wanted">What the pool serves, and the set that does.</param>
    /// <param name="cancel">Ends it all.</param>
    public void Listen(IReadOnlyCollection<(Scope Scope, ScaleSet Set)> wanted, CancellationToken cancel)
    {
        ending.RemoveAll(e => e.IsCompletedSuccessfully);
        foreach (var (place, listening) in open.Where(o => !wanted.Contains(o.Key)).ToArray())
        {
            open.Remove(place);
            ending.Add(EndAsync(listening));
        }

        // One set may stand for another at the same place, whose session has to be closed first.
        var before = Task.WhenAll(ending);
        foreach (var place in wanted)
            if (!open.ContainsKey(place))
                open[place] = Start(place, before, cancel);
    }

    /// <summary>Listens to none any more; ends when all sessions are closed.</summary>
    public Task EndAsync()
    {
        Listen([], CancellationToken.None);
        return Task.WhenAll(ending);
    }

    private Listening Start((Scope Scope, ScaleSet Set) place, Task before, CancellationToken cancel)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var set = sets.Add(place.Scope);
        return new(stop, set, RunAsync(place.Set, set, before, stop.Token));
    }

    private async Task RunAsync(ScaleSet wanted, ListenedSet set, Task before, CancellationToken cancel)
    {
        await before;
        await listeners.RunAsync(key, wanted, sets, set, cancel);
    }

    private async Task EndAsync(Listening listening)
    {
        listening.Stop.Cancel();
        await listening.Loop;
        listening.Stop.Dispose();
        sets.Remove(listening.Set);
        ended.Set();
    }

    private sealed record Listening(CancellationTokenSource Stop, ListenedSet Set, Task Loop);
}
