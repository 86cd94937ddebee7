using RunnerImage.Http;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>Writes images of the store into files, and takes them from there.</summary>
internal sealed class ArchiveRequests(ImageStore store, RegistryImages registries)
{
    private readonly ImageView view = new(store.Layout);

    /// <param name="names">The images.</param>
    /// <param name="reply">The file.</param>
    /// <exception cref="EngineException">There is no such image.</exception>
    public void Save(IReadOnlyList<string> names, HttpReply reply)
    {
        List<StoredImage> images = [.. names.SelectMany(Chosen).DistinctBy(i => (i.Id, i.Name?.Name))];
        images = [.. images.Select(Whole)];
        using var staging = store.Stage();
        var layout = staging.Layout("save", store.Layout);
        ImageArchive.Write(layout, images, reply.Begin("application/x-tar"));
    }

    /// <param name="archive">The file.</param>
    /// <param name="reply">The answer: a line for each image.</param>
    /// <exception cref="EngineException">It is no such file, or the store is full.</exception>
    public void Load(Stream archive, HttpReply reply)
    {
        using var staging = store.Stage();
        var path = Path.Combine(staging.Folder, "archive");
        new StoreRoom(store).Fill(path, archive);
        OtherPacking.Undo(path, new(store));
        using var file = File.OpenRead(path);
        var layout = staging.Layout("load", store.Layout);
        List<string> said = [];
        foreach (var entries in ImageArchive.Read(file, layout, new(store)).GroupBy(e => e.Digest))
        {
            List<ImageReference> names = [.. entries.Select(e => StoredImage.Of(e).Name).OfType<ImageReference>()];
            if (store.Keep(layout, entries.First() with { Annotations = null }, names).Problem is { } problem)
                throw new EngineException(EngineException.Failed, problem);
            said.AddRange(names.Count == 0
                ? [$"Loaded image ID: {entries.Key}"]
                : names.Select(n => $"Loaded image: {n.Familiar}"));
        }

        var lines = new ProgressLines(reply.Begin(HttpReply.Json));
        said.ForEach(lines.Print);
    }

    /// <summary>All of an image, but of one that was pulled what is for this machine: only that is here.</summary>
    private StoredImage Whole(StoredImage image)
    {
        registries.Complete(image);
        return store.Layout.Missing(image.Root).Count > 0 && view.MainManifest(image.Root) is { } main
            ? image with { Root = main with { Annotations = null } }
            : image;
    }

    /// <summary>The image under the name that is asked for; under none if it is asked for by its ID, as docker does;
    /// under all of a repository that is named without a tag.</summary>
    private IEnumerable<StoredImage> Chosen(string name)
    {
        var found = ImageQuery.Find(store, name);
        var reference = ImageReference.Parse(name);
        if (found is [var only] && only.Name?.Name == reference?.Name)
            return reference is { Tag: null, Digest: null }
                ? store.Images().Where(i => i.Name?.Repository == reference.Repository)
                : found;
        if (found.Count > 0)
            return [new StoredImage(found[0].Root, null)];
        return store.Images().Where(i => reference is { Tag: null } && i.Name?.Repository == reference.Repository)
            .ToList() is { Count: > 0 } all ? all : throw EngineException.NoImage(name);
    }
}
