namespace RunnerImage.Images;

/// <summary>Which image has which names: a name belongs to one image, the last that was given it.</summary>
internal static class Naming
{
    /// <summary>The images after one has got names. Without names, it is there without any.</summary>
    public static IReadOnlyList<StoredImage> Add(
        IReadOnlyList<StoredImage> images, OciDescriptor root, IReadOnlyList<ImageReference> names)
    {
        var taken = names.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        List<StoredImage> named = [.. images.Where(i => i.Name is not null && !taken.Contains(i.Name.Name)),
            .. names.DistinctBy(n => n.Name).Select(n => new StoredImage(root, n with { Digest = null }))];
        var known = named.Select(i => i.Id).ToHashSet(StringComparer.Ordinal);
        var nameless = images.Select(i => i.Root).Append(root).Where(r => !known.Contains(r.Digest))
            .DistinctBy(r => r.Digest).Select(r => new StoredImage(r, null));
        return [.. nameless, .. named];
    }
}
