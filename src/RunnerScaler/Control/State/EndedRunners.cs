using System.Collections.Immutable;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// How the runners that ended last did. Outlives terms of leadership: nothing is decided from it, people are told.
/// </summary>
internal sealed class EndedRunners
{
    /// <summary>Of more, the one that ended first is forgotten.</summary>
    public const int Most = 1000;

    private readonly Lock guard = new();
    private readonly LinkedList<EndedRunner> latestFirst = [];
    private readonly Dictionary<string, LinkedListNode<EndedRunner>> byRunnerName = new(StringComparer.Ordinal);

    /// <summary>
    /// Tells once of each runner whose life and whose job are over, in whichever order that is learned.
    /// </summary>
    public event Action<EndedRunner>? JobEnded;

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
        if (HasEnded(ended.Job))
            JobEnded?.Invoke(ended);
    }

    /// <summary>GitHub shows these jobs: it often tells only after a runner's end which job that one had.</summary>
    /// <param name="account">Whose jobs they are.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="firstSeen">When a job of that id was first known; null if that is not known.</param>
    public void Saw(AccountKey account, ImmutableArray<Job> jobs, Func<long, DateTimeOffset?> firstSeen)
    {
        List<EndedRunner>? over = null;
        lock (guard)
            foreach (var job in jobs)
                if (job.RunnerName is { } name && byRunnerName.TryGetValue(name, out var node)
                    && node.Value.Had(account, job) && Learn(node, job, firstSeen(job.Id)))
                    (over ??= []).Add(node.Value);
        foreach (var ended in over ?? [])
            JobEnded?.Invoke(ended);
    }

    /// <summary>Notes what job a runner had.</summary>
    /// <returns>Whether that job is over, and was not known to be.</returns>
    private static bool Learn(LinkedListNode<EndedRunner> node, Job job, DateTimeOffset? seenAt)
    {
        var (wasOver, isOver) = (HasEnded(node.Value.Job), HasEnded(job));
        // A reading that was under way for long may be older than what is known.
        if (wasOver && !isOver)
            return false;
        node.Value = node.Value with { Job = job, JobSeenAt = node.Value.JobSeenAt ?? seenAt };
        return isOver && !wasOver;
    }

    private static bool HasEnded(Job? job) => job?.CompletedAt is not null;

    private void Forget(LinkedListNode<EndedRunner> node)
    {
        latestFirst.Remove(node);
        if (node.Value.Grant is { } grant && byRunnerName.GetValueOrDefault(grant.RunnerName) == node)
            byRunnerName.Remove(grant.RunnerName);
    }
}
