namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>
/// Which pod is on which node, as the scheduler knows it: what the watch has shown, plus what it has just decided.
/// Synchronous and not locked by itself.
/// </summary>
internal sealed class Placements(IEnumerable<NodeShape> nodes)
{
    private readonly SortedDictionary<string, NodeShape> nodes =
        new(nodes.ToDictionary(n => n.Name), StringComparer.Ordinal);

    private readonly Dictionary<string, PodFacts> bound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (PodFacts Pod, string Node)> assumed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodResources> used = new(StringComparer.Ordinal);

    // In the order of arrival: the one that waits longest is tried first.
    private readonly List<PodFacts> pending = [];
    private readonly HashSet<string> refused = new(StringComparer.Ordinal);
    private bool isChanged;

    /// <summary>Takes note of a pod's current state; true when it is on a node now and was not known to be.</summary>
    public bool Learn(PodFacts pod)
    {
        if (bound.TryGetValue(pod.Uid, out var known) && known.IsFinished == pod.IsFinished)
        {
            bound[pod.Uid] = pod;
            return false;
        }
        if (pod.NodeName is not null)
        {
            Forget(pod.Uid);
            bound[pod.Uid] = pod;
            if (!pod.IsFinished)
                Use(pod.NodeName, pod.Requests);
            return known is null;
        }
        if (!pod.IsPending)
            Forget(pod.Uid);
        else if (!assumed.ContainsKey(pod.Uid) && !pending.Exists(p => p.Uid == pod.Uid))
            Wait(pod);
        return false;
    }

    public void Forget(string uid)
    {
        if (bound.Remove(uid, out var pod) && !pod.IsFinished)
            Free(pod.NodeName!, pod.Requests);
        if (assumed.Remove(uid, out var placed))
            Free(placed.Node, placed.Pod.Requests);
        pending.RemoveAll(p => p.Uid == uid);
        refused.Remove(uid);
    }

    /// <summary>A binding that was decided did not come about.</summary>
    public void Unassume(string uid)
    {
        if (assumed.Remove(uid, out var placed))
            Free(placed.Node, placed.Pod.Requests);
    }

    /// <summary>
    /// What to do with waiting pods now: bind them to a node, or say (once) that there is none. What is bound counts
    /// as used from now on.
    /// </summary>
    public List<(PodFacts Pod, string? Node)> Schedule()
    {
        List<(PodFacts, string?)> decisions = [];
        if (!isChanged)
            return decisions;
        isChanged = false;
        foreach (var pod in pending.ToList())
        {
            if (Scheduler.Choose(nodes.Values, used, pod) is { } node)
            {
                pending.Remove(pod);
                refused.Remove(pod.Uid);
                assumed[pod.Uid] = (pod, node);
                Use(node, pod.Requests);
                decisions.Add((pod, node));
            }
            else if (refused.Add(pod.Uid))
            {
                decisions.Add((pod, null));
            }
        }
        return decisions;
    }

    public bool HasNode(string? name) => name is not null && nodes.ContainsKey(name);

    /// <summary>Takes a node out; null when there is none of that name.</summary>
    public NodeShape? RemoveNode(string name) => nodes.Remove(name, out var node) ? node : null;

    public List<PodFacts> PodsOn(string node) => [.. bound.Values.Where(p => p.NodeName == node)];

    private void Wait(PodFacts pod)
    {
        pending.Add(pod);
        isChanged = true;
    }

    private void Use(string node, PodResources amount) => used[node] = used.GetValueOrDefault(node) + amount;

    private void Free(string node, PodResources amount)
    {
        used[node] = used.GetValueOrDefault(node) - amount;
        isChanged = true;
    }
}
