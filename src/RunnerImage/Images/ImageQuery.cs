namespace RunnerImage.Images;

/// <summary>Finds the image that a command of docker means: by a name, a digest, or the beginning of an ID.</summary>
internal static class ImageQuery
{
    private const int ShortestId = 4;

    /// <param name="store">The images.</param>
    /// <param name="text">A name, <c>name@digest</c>, or an ID or its first digits; the IDs of its platforms' manifests
    /// and configurations mean it too, since builds print those.</param>
    /// <returns>The entry with that name, or all entries of the image; empty if there is none.</returns>
    /// <exception cref="BrokenImageException">The store cannot be read.</exception>
    public static IReadOnlyList<StoredImage> Find(ImageStore store, string text)
    {
        var images = store.Images();
        var reference = ImageReference.Parse(text);
        var named = reference is null ? [] : reference.Digest is { } digest
            ? images.Where(i => i.Id == digest
                && (i.Name?.Repository == reference.Repository || i.Source == reference.Repository)).ToList()
            : images.Where(i => i.Name?.Name == reference.Name).ToList();
        return named.Count > 0 ? named : ById(store, images, Digest.WithoutPrefix(text));
    }

    private static List<StoredImage> ById(ImageStore store, IReadOnlyList<StoredImage> images, string id)
    {
        if (id.Length < ShortestId || !id.All(char.IsAsciiHexDigitLower))
            return [];
        var found = images.GroupBy(i => i.Id)
            .Where(g => Ids(store.Layout, g.First().Root).Any(d => Digest.WithoutPrefix(d).StartsWith(
                id, StringComparison.Ordinal))).ToList();
        return found.Count == 1 ? [.. found[0]] : [];
    }

    private static IEnumerable<string> Ids(Layout layout, OciDescriptor root) => layout.Platforms(root)
        .SelectMany(m => (string[])[m.Digest, layout.ReadManifest(m.Digest).Config.Digest]).Prepend(root.Digest);
}
