using System.Collections.Immutable;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>What the cluster can do, as far as builders depend on it.</summary>
/// <param name="Server">The API server's release.</param>
/// <param name="Nodes">Its nodes.</param>
internal sealed record ClusterFacts(Release Server, NodeReading Nodes)
{
    /// <summary>
    /// The oldest API server that is supported, the first with native sidecars: older ones silently drop what makes an
    /// init container one, and the pod would never run.
    /// </summary>
    public static readonly Release OldestServer = new(1, 29);
}

/// <summary>A reading of the nodes, which may have failed: that is not the same as no nodes.</summary>
internal abstract record NodeReading
{
    public sealed record Known(ImmutableArray<NodeFacts> Nodes) : NodeReading;

    /// <param name="Why">Half a sentence.</param>
    public sealed record Unknown(string Why) : NodeReading;
}

/// <summary>What a node says of itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">What pods select it by.</param>
/// <param name="System">The operating system, such as <c>linux</c>.</param>
/// <param name="Kernel">Null if it is not told.</param>
/// <param name="Kubelet">Null if it is not told.</param>
/// <param name="UserNamespaces">Whether its default runtime handler has them.</param>
internal sealed record NodeFacts(
    string Name,
    ImmutableDictionary<string, string> Labels,
    string System,
    Release? Kernel,
    Release? Kubelet,
    bool UserNamespaces);
