using RunnerScaler.Kubernetes.Builders;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>Reads <c>spec.builder.cache</c>.</summary>
internal static class CacheReader
{
    private const int LongestName = 253;

    /// <summary>Null if there is none.</summary>
    public static CacheSpec? Read(SpecNode cache) => cache.Exists ? cache.Object(ReadFields) : null;

    private static CacheSpec ReadFields(SpecNode cache)
    {
        var kind = cache.At("kind");
        if (!kind.Exists)
            kind.Fail("is missing: set one of Clone, Slot");
        var read = new CacheSpec(
            BuilderReader.Word<CacheKind>(kind, default),
            Name(cache.At("snapshot"), "the name of a VolumeSnapshot in the pool's namespace"),
            Name(cache.At("storageClass"), "the name of a storage class"),
            cache.At("size").Text(BuilderReader.SizeWanted, t => SpecPatterns.Match(SpecPatterns.Size, t, 10)));
        if (read is { Kind: CacheKind.Clone, Snapshot: null })
            cache.At("snapshot").Fail("is missing: set the name of the VolumeSnapshot that each pod gets a copy of");
        if (kind.Exists && read is { Kind: CacheKind.Slot, Snapshot: not null })
            cache.At("snapshot").Fail("is set, but a slot's volume starts empty: remove it, or set kind to Clone");
        return read;
    }

    private static string? Name(SpecNode name, string what) =>
        BuilderReader.Optional(name, what, SpecPatterns.ObjectName, LongestName);
}
