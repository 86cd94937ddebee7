using System.Collections.Immutable;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// How the runners that ended last did. The one memory of a process that outlives its terms of leadership: nothing is
/// decided from it, people are told.
/// </summary>
internal sealed class EndedRunners
{
    /// <summary>Of more, the one that ended first is forgotten.</summary>
    public const int Most = 1000;

    private readonly Lock guard = new();
    private readonly LinkedList<EndedRunner> latestFirst = [];
    private readonly Dictionary<string, LinkedListNode<EndedRunner>> byRunnerName = new(StringComparer.Ordinal);

    /// <summary>All that are remembered, the latest first.</summary>
    public ImmutableArray<EndedRunner> All
    {
        get
        {
            lock (guard)
                return [.. latestFirst];
        }
    }

    /// <summary>A runner has ended; told once for each.</summary>
    public void Add(EndedRunner ended)
    {
        lock (guard)
        {
            var node = latestFirst.AddFirst(ended);
            if (ended.Grant is { } grant)
                byRunnerName[grant.RunnerName] = node;
            if (latestFirst.Count > Most)
                Forget(latestFirst.Last!);
        }
    }

    /// <summary>GitHub shows these jobs: it often tells only after a runner's end which job that one had.</summary>
    public void Saw(AccountKey account, ImmutableArray<Job> jobs)
    {
        lock (guard)
            foreach (var job in jobs)
                if (job.RunnerName is { } name && byRunnerName.TryGetValue(name, out var node)
                    && node.Value.Had(account, job))
                    node.Value = node.Value with { Job = job };
    }

    private void Forget(LinkedListNode<EndedRunner> node)
    {
        latestFirst.Remove(node);
        if (node.Value.Grant is { } grant && byRunnerName.GetValueOrDefault(grant.RunnerName) == node)
            byRunnerName.Remove(grant.RunnerName);
    }
}
