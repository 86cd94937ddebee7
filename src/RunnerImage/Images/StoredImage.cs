namespace RunnerImage.Images;

/// <summary>An image of the store, under one of its names.</summary>
/// <param name="Root">Its manifest, or its index if it is for several platforms or has attestations.</param>
/// <param name="Name">Its name; null if it has lost it to another image, or came without one.</param>
internal sealed record StoredImage(OciDescriptor Root, ImageReference? Name)
{
    private const string NameKey = "io.containerd.image.name";
    private const string TagKey = "org.opencontainers.image.ref.name";

    /// <summary>By what docker's commands find it besides its names.</summary>
    public string Id => Root.Digest;

    public static StoredImage Of(OciDescriptor entry) =>
        new(entry with { Annotations = null }, entry.Annotations?.GetValueOrDefault(NameKey) is { } name
            ? ImageReference.Parse(name)
            : null);

    /// <summary>Its line in the layout's index, with the names that containerd, skopeo and buildx look for.</summary>
    public OciDescriptor ToEntry() => Root with
    {
        Annotations = Name is null
            ? null
            : new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [NameKey] = Name.Name,
                [TagKey] = Name.Tag ?? "latest",
            },
    };
}
