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
            .DistinctBy(r => r.Digest).Select(r => new StoredImage(r with { Annotations = null }, null));
        return [.. nameless, .. named];
    }

    /// <summary>
    /// What docker's commands mean by a name, an ID or the beginning of one: all names of that image, the one that was
    /// asked for first.
    /// </summary>
    /// <returns>None if there is no such image, or the ID is the beginning of several.</returns>
    public static IReadOnlyList<StoredImage> Find(
        IReadOnlyList<StoredImage> images, string text, Func<StoredImage, IEnumerable<string>> otherIds)
    {
        if (ImageReference.Parse(text) is { } name
            && images.FirstOrDefault(i => i.Name?.Name == name.Name && name.Digest is null) is { } exact)
            return [exact, .. images.Where(i => i.Id == exact.Id && i != exact)];
        if (ImageReference.Parse(text) is { Digest: { } digest } pinned)
            return [.. images.Where(i => i.Id == digest && i.Name?.Repository == pinned.Repository)];
        if (!Digest.IsBeginning(text))
            return [];
        var beginning = Digest.WithoutPrefix(text);
        List<StoredImage> found = [.. images.Where(i => otherIds(i).Prepend(i.Id)
            .Any(id => Digest.WithoutPrefix(id).StartsWith(beginning, StringComparison.Ordinal)))];
        return found.DistinctBy(i => i.Id).Count() == 1 ? found : [];
    }
}
