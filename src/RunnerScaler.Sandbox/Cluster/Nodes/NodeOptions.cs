namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>What the simulated nodes are like and how fast they are.</summary>
internal sealed record NodeOptions
{
    public IReadOnlyList<NodeShape> Nodes { get; init; } = Many(3, cpu: 64, memoryGi: 256, pods: 250);

    /// <summary>Pulling an image that the node does not have yet; later pods find it there.</summary>
    public Delay Pull { get; init; } = Delay.Milliseconds(200, 800);

    /// <summary>Starting the sidecars, and ending them after the program, when there are any.</summary>
    public Delay Sidecars { get; init; } = Delay.Milliseconds(50, 200);

    public Delay Start { get; init; } = Delay.Milliseconds(50, 300);

    /// <summary>Share of pods, from 0 to 1, whose image cannot be pulled.</summary>
    public double ImageMissingShare { get; init; }

    /// <summary>
    /// From what happens on a node to its being told to the API server. A pod's program may have claimed, and have
    /// ended, before its kubelet has reported that it runs.
    /// </summary>
    public Delay Report { get; init; } = Delay.None;

    /// <summary>Share of pods, from 0 to 1, that their node does not take.</summary>
    public double RejectedShare { get; init; }

    /// <summary>What a node says of a pod that it does not take.</summary>
    public PodRejection Rejection { get; init; } = PodRejection.OutOfCpu;

    /// <summary>How kubelets report: about once a second.</summary>
    public static Delay KubeletReport { get; } = Delay.Milliseconds(100, 1000);

    /// <summary>Only pods of this namespace; null for all.</summary>
    public string? Namespace { get; init; }

    public static IReadOnlyList<NodeShape> Many(int count, decimal cpu, decimal memoryGi, int pods) =>
        [.. Enumerable.Range(1, count)
            .Select(i => new NodeShape($"node-{i}", new PodResources(cpu, memoryGi * (1L << 30), pods)))];
}
