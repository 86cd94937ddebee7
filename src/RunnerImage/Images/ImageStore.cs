namespace RunnerImage.Images;

/// <summary>What became of an image that was to be kept.</summary>
/// <param name="Problem">Why it was not, as a sentence; null if it was.</param>
/// <param name="Images">What the store has now, one for each name.</param>
internal sealed record Keeping(string? Problem, IReadOnlyList<StoredImage> Images);

/// <summary>
/// The images that builds of this pod have named: an OCI layout of its own. It is there from the first image on, and
/// goes with the pod. Several processes may use it at once.
/// </summary>
/// <param name="folder">Where it is.</param>
/// <param name="limit">How many bytes its blobs may take.</param>
internal sealed class ImageStore(string folder, long limit)
{
    private const string LockFile = "lock";

    public Layout Layout { get; } = new(folder);

    /// <summary>How many bytes its blobs may take.</summary>
    public long Limit => limit;

    /// <summary>What was created to take files out of an image.</summary>
    public ContainerList Containers { get; } = new(folder);

    /// <summary>Whether it has been made whole: its index comes last.</summary>
    public bool Exists => File.Exists(Path.Combine(folder, Layout.IndexFile));

    /// <summary>All images, one for each name, in the order in which they were named.</summary>
    /// <exception cref="BrokenImageException">The index cannot be read.</exception>
    public IReadOnlyList<StoredImage> Images() => Exists ? [.. Layout.ReadIndex().Select(StoredImage.Of)] : [];

    /// <summary>Makes room to put an image together.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public Staging Stage()
    {
        using var held = Lock();
        return Staging.Open(Layout);
    }

    /// <summary>
    /// Takes an image over from a layout. Another image that had one of the names stays without it, as with Docker.
    /// </summary>
    /// <param name="from">The layout; its blobs are moved.</param>
    /// <param name="root">The image in it.</param>
    /// <param name="names">Its names; none for an image that is found by its ID alone.</param>
    /// <exception cref="BrokenImageException">The image is not what it should be.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public Keeping Keep(Layout from, OciDescriptor root, IReadOnlyList<ImageReference> names)
    {
        var blobs = from.Reachable(root);
        if (!blobs.Any(b => b.Digest == root.Digest))
            throw new BrokenImageException($"the blob {root.Digest} is missing");
        using var held = Lock();
        var added = blobs.Where(b => !Layout.Has(b.Digest)).ToList();
        var size = added.Sum(b => new FileInfo(from.PathOf(b.Digest)).Length);
        if (size + Size() > limit)
            Collect([.. Images().Where(i => i.Name is not null)]);
        if (size + Size() is var needed && needed > limit)
            return new($"This runner's store of images is full: it may take {ByteSize.Text(limit)} and would need "
                + $"{ByteSize.Text(needed)}.", []);
        foreach (var blob in added)
            File.Move(from.PathOf(blob.Digest), Layout.PathOf(blob.Digest), overwrite: true);
        var images = Naming.Add(Images(), root, names);
        Layout.WriteIndex([.. images.Select(i => i.ToEntry())]);
        return new(null, [.. images.Where(i => i.Id == root.Digest
            && (names.Count == 0 || names.Any(n => n.Name == i.Name?.Name)))]);
    }

    /// <summary>Changes which image has which names, and removes the blobs that no image needs any more.</summary>
    /// <param name="change">The images after it, from those before.</param>
    /// <returns>The images after it, and how many bytes are free again.</returns>
    /// <exception cref="BrokenImageException">The index cannot be read.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public (IReadOnlyList<StoredImage> Images, long Freed) Change(
        Func<IReadOnlyList<StoredImage>, IReadOnlyList<StoredImage>> change)
    {
        if (!Exists)
            return (change([]), 0);
        using var held = Lock();
        var (before, size) = (Images(), Size());
        var after = change(before);
        Collect(after);
        return (after, size - Size());
    }

    /// <summary>Since when an image is here. When it was built is another matter: builds can be repeated to the bit,
    /// and what is pulled may be years old.</summary>
    public DateTimeOffset KeptSince(StoredImage image) => File.GetLastWriteTimeUtc(Layout.PathOf(image.Id));

    /// <summary>How many bytes all blobs take.</summary>
    public long Size() => Exists ? new DirectoryInfo(Layout.Blobs).EnumerateFiles().Sum(f => f.Length) : 0;

    private FileLock Lock()
    {
        Directory.CreateDirectory(folder);
        var held = FileLock.Wait(Path.Combine(folder, LockFile));
        try
        {
            Layout.Create();
            return held;
        }
        catch (Exception)
        {
            held.Dispose();
            throw;
        }
    }

    private void Collect(IReadOnlyList<StoredImage> left)
    {
        var needed = left.SelectMany(i => Layout.Reachable(i.Root))
            .Select(b => Digest.WithoutPrefix(b.Digest)).ToHashSet(StringComparer.Ordinal);
        Layout.WriteIndex([.. left.Select(i => i.ToEntry())]);
        foreach (var blob in new DirectoryInfo(Layout.Blobs).GetFiles().Where(f => !needed.Contains(f.Name)))
            blob.Delete();
    }
}
