using RunnerImage.Http;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>Answers requests about the images of the store.</summary>
internal sealed class ImageRequests(ImageStore store, TimeProvider time)
{
    private readonly ImageView view = new(store.Layout);

    /// <exception cref="EngineException">The filter is none.</exception>
    public IReadOnlyList<ImageSummary> List(HttpRequest request) =>
        view.List(Filter(request).Apply(store.Images(), view, store));

    /// <exception cref="EngineException">There is no such image.</exception>
    public ImageInspect Inspect(string name) => view.Inspect(AllOf(Find(name)));

    /// <exception cref="EngineException">There is no such image.</exception>
    public IReadOnlyList<HistoryItem> History(string name) => view.History(AllOf(Find(name)));

    /// <summary>Gives an image another name.</summary>
    /// <exception cref="EngineException">There is no such image, or the name is none.</exception>
    public void Tag(string name, HttpRequest request)
    {
        var root = Find(name)[0].Root;
        var (repository, tag) = (request.Value("repo"), request.Value("tag"));
        var text = tag.Length > 0 ? $"{repository}:{tag}" : repository;
        var reference = ImageReference.Parse(text) ?? throw EngineException.NoReference(text);
        store.Change(images => Naming.Add(images, root, [reference]));
    }

    /// <summary>Takes a name away, or by its ID the image with all its names.</summary>
    /// <exception cref="EngineException">There is no such image, or a container was created of it.</exception>
    public IReadOnlyList<Removal> Remove(string name, bool force)
    {
        var found = Find(name);
        var byName = found is [{ Name: { } only }] && ImageReference.Parse(name)?.Name == only.Name;
        if (!force && store.Containers.All().FirstOrDefault(c => c.Image == found[0].Id) is { } container
            && (!byName || AllOf(found).Count == 1))
            throw new EngineException(EngineException.Conflict, $"conflict: unable to remove {name} (must be forced) - "
                + $"container {container.Id[..12]} is using it");
        var (after, _) = store.Change(images => [.. images.Where(i => byName
            ? i.Name?.Name != found[0].Name!.Name
            : i.Id != found[0].Id)]);
        return [.. found.Where(i => i.Name is not null).Select(i => new Removal(Untagged: i.Name!.Familiar)),
            .. after.Any(i => i.Id == found[0].Id) ? [] : (Removal[])[new(Deleted: found[0].Id)]];
    }

    /// <summary>Removes the images without a name, or all, but for those that a container was created of.</summary>
    /// <exception cref="EngineException">The filter is none.</exception>
    public PruneReport Prune(HttpRequest request)
    {
        var filter = Filter(request);
        List<StoredImage> gone = [];
        var (after, freed) = store.Change(images =>
        {
            var used = store.Containers.All().Select(c => c.Image).ToHashSet(StringComparer.Ordinal);
            gone.AddRange(filter.Pruned(images, view, store).Where(i => !used.Contains(i.Id)));
            return [.. images.Except(gone)];
        });
        return new([.. gone.Where(i => i.Name is not null).Select(i => new Removal(Untagged: i.Name!.Familiar)),
            .. gone.Select(i => i.Id).Distinct().Where(id => after.All(i => i.Id != id))
                .Select(id => new Removal(Deleted: id))], null, freed);
    }

    public DiskUsage Usage() => new(store.Size(), view.List(store.Images()), [], [], []);

    private ImageFilter Filter(HttpRequest request) =>
        ImageFilter.Parse(request.Value("filters"), time.GetUtcNow());

    private IReadOnlyList<StoredImage> Find(string name) =>
        ImageQuery.Find(store, name) is { Count: > 0 } found ? found : throw EngineException.NoImage(name);

    /// <summary>All entries of an image, with all its names.</summary>
    private IReadOnlyList<StoredImage> AllOf(IReadOnlyList<StoredImage> found) =>
        [.. store.Images().Where(i => i.Id == found[0].Id)];
}
