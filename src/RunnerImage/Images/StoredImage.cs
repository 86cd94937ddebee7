namespace RunnerImage.Images;

/// <summary>An image of the store, under one of its names.</summary>
/// <param name="Root">Its manifest, or its index if it is for several platforms or has attestations. Its annotation
/// says from where it was pulled, if it was.</param>
/// <param name="Name">Its name; null if it has lost it to another image, or came without one.</param>
internal sealed record StoredImage(OciDescriptor Root, ImageReference? Name)
{
    private const string NameKey = "io.containerd.image.name";
    private const string TagKey = "org.opencontainers.image.ref.name";

    /// <summary>As containerd notes of a blob which registry and repository have it.</summary>
    private const string SourceKey = "containerd.io/distribution.source.";

    /// <summary>By what docker's commands find it besides its names.</summary>
    public string Id => Root.Digest;

    /// <summary>The repository that it was pulled from, with its registry: what is not here of it is there. Null if it
    /// was made or loaded here.</summary>
    public string? Source => Root.Annotations?.Select(SourceOf).FirstOrDefault(s => s is not null);

    public static StoredImage Of(OciDescriptor entry) => new(
        entry with { Annotations = Only(entry.Annotations?.Where(a => SourceOf(a) is not null)) },
        entry.Annotations?.GetValueOrDefault(NameKey) is { } name ? ImageReference.Parse(name) : null);

    /// <summary>The root of an image that is pulled.</summary>
    public static OciDescriptor PulledFrom(ImageReference source, OciDescriptor root) =>
        root with { Annotations = Only([new(SourceKey + source.Domain, source.Path)]) };

    /// <summary>Its line in the layout's index, with the names that containerd, skopeo and buildx look for.</summary>
    public OciDescriptor ToEntry() => Root with
    {
        Annotations = Only((Root.Annotations ?? new Dictionary<string, string>()).Concat(Name is null
            ? []
            : [new(NameKey, Name.Name), new(TagKey, Name.Tag ?? "latest")])),
    };

    private static Dictionary<string, string>? Only(IEnumerable<KeyValuePair<string, string>>? annotations) =>
        annotations?.ToDictionary(StringComparer.Ordinal) is { Count: > 0 } some ? some : null;

    private static string? SourceOf(KeyValuePair<string, string> annotation) =>
        annotation.Key.StartsWith(SourceKey, StringComparison.Ordinal)
            ? ImageReference.Parse($"{annotation.Key[SourceKey.Length..]}/{annotation.Value}")?.Repository
            : null;
}
