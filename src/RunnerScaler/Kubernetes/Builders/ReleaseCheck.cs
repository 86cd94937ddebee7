using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>Whether the cluster can do what pods with builders need.</summary>
internal sealed class ReleaseCheck(ClusterCapabilities cluster) : ICheck
{
    public Task<ImmutableArray<CheckAnswer>> RunAsync(ImmutableArray<string> servers, CancellationToken cancel) =>
        Task.FromResult<ImmutableArray<CheckAnswer>>(
            [OfServer(cluster.Current.Server), OfNodes(cluster.Current.Nodes)]);

    /// <summary>Of the release of an API server.</summary>
    public static CheckAnswer OfServer(Release release) => release < ClusterFacts.OldestServer
        ? new("cluster", CheckLevel.Failure, null,
            $"The API server is Kubernetes {release}, which has no native sidecars, and "
            + $"{ClusterFacts.OldestServer} is the oldest that is supported.",
            "Upgrade the cluster; until then, only pools with builder.mode None may work.")
        : CheckAnswer.Fine("cluster", null, $"The API server is Kubernetes {release}.");

    private static CheckAnswer OfNodes(NodeReading reading) => reading switch
    {
        NodeReading.Known({ Length: > 0 } nodes) => CheckAnswer.Fine("nodes", null, string.Create(
            CultureInfo.InvariantCulture,
            $"{nodes.Count(n => n.UserNamespaces)} of {nodes.Length} nodes have user namespaces.")),
        NodeReading.Known => new("nodes", CheckLevel.Failure, null, "The cluster has no nodes.", "Add one."),
        NodeReading.Unknown(var why) => new(
            "nodes", CheckLevel.Warning, null, $"The nodes cannot be read: {why}.",
            "Give the controller's service account the verb 'list' on 'nodes': deploy/rbac.yaml has it."),
        _ => throw new InvalidOperationException("A reading of an unknown kind."),
    };
}
