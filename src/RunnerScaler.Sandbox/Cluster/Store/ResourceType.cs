using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>One kind of object that the API serves: its name in URLs and what differs in how it is written.</summary>
/// <param name="Group">The API group; empty for core/v1.</param>
/// <param name="Version">The one version that is stored and served.</param>
/// <param name="Plural">The name in URLs, such as <c>pods</c>.</param>
/// <param name="Kind">The kind in objects, such as <c>Pod</c>.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
internal sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool Namespaced)
{
    /// <summary>Whether status is written by <c>/status</c> only.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether <c>metadata.generation</c> counts the changes of the desired state.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether PUT of a missing object creates it.</summary>
    public bool CreatesOnUpdate { get; init; }

    /// <summary>Whether PUT may leave out <c>metadata.resourceVersion</c>.</summary>
    public bool UpdatesUnconditionally { get; init; } = true;

    /// <summary>Whether a finished delete answers with the object instead of a <c>Status</c>.</summary>
    public bool ReturnsDeleted { get; init; }

    /// <summary>Whether a CustomResourceDefinition declared this type.</summary>
    public bool IsCustom { get; init; }

    /// <summary>The structural schema of a custom type.</summary>
    public JsonObject? Schema { get; init; }

    /// <summary>The JSON paths of the scale subresource of a custom type, if it has one.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Field selectors beyond <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public IReadOnlyList<string> FieldLabels { get; init; } = [];

    /// <summary>Short names for discovery.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>The value of <c>apiVersion</c> in objects.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>
    /// Plural and group as error messages write them: <c>pods</c>, <c>leases.coordination.k8s.io</c>.
    /// </summary>
    public string Resource => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>The kind of a list of these.</summary>
    public string ListKind => Kind + "List";

    public bool Equals(ResourceType? other) => other is not null && other.Resource == Resource;

    public override int GetHashCode() => Resource.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Resource;
}

/// <summary>Where the scale subresource finds the replicas, as dotted paths such as <c>.spec.replicas</c>.</summary>
internal sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string? LabelSelector);
