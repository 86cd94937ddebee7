namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>A node of the simulated cluster.</summary>
internal sealed record NodeShape(string Name, PodResources Capacity)
{
    /// <summary>How far its clock is ahead of everybody else's.</summary>
    public TimeSpan ClockAhead { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } =
        new Dictionary<string, string> { ["kubernetes.io/os"] = "linux", ["kubernetes.io/arch"] = "amd64" };

    public string Kernel { get; init; } = "6.12.0";

    public string Kubelet { get; init; } = "v1.36.2";

    /// <summary>Whether its container runtime says that pods can have a user namespace.</summary>
    public bool HasUserNamespaces { get; init; } = true;
}

/// <summary>Finds a node for a pod. Pure.</summary>
internal static class Scheduler
{
    /// <summary>The node with the most free CPU that can take the pod, or null when none can.</summary>
    /// <param name="used">What is in use on each node.</param>
    public static string? Choose(
        IEnumerable<NodeShape> nodes, IReadOnlyDictionary<string, PodResources> used, PodFacts pod) => nodes
        .Where(n => pod.NodeSelector.All(s => n.Labels.GetValueOrDefault(s.Key) == s.Value))
        .Select(n => (n.Name, Free: n.Capacity - used.GetValueOrDefault(n.Name)))
        .Where(n => n.Free.Holds(pod.Requests))
        .OrderByDescending(n => n.Free.Cpu).ThenBy(n => n.Name, StringComparer.Ordinal)
        .Select(n => n.Name)
        .FirstOrDefault();
}
