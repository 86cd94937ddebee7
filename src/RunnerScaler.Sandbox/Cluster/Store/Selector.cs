namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>Which objects a list or watch is about: namespace, labels and fields together.</summary>
/// <param name="Namespace">Only this namespace; null for all.</param>
internal sealed record Selector(string? Namespace = null, LabelSelector? Labels = null, FieldSelector? Fields = null)
{
    public static Selector All { get; } = new();

    /// <summary>
    /// Whether labels or fields narrow the choice (the server then gives no count of remaining items).
    /// </summary>
    public bool IsNarrow => Labels is { IsEmpty: false } || Fields is { IsEmpty: false };

    public bool Matches(StoredObject item) =>
        (Namespace is null || Namespace == item.Namespace)
        && (Labels is null || Labels.Matches(item.Value))
        && (Fields is null || Fields.Matches(item.Value));
}
