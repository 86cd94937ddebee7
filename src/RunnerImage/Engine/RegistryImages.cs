using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>
/// Takes images from registries into the store: first what describes them, and their layers only when something is done
/// that needs those.
/// </summary>
internal sealed class RegistryImages(ImageStore store, ImageTools tools)
{
    private readonly ImageView view = new(store.Layout);

    /// <summary>Gives the store an image by its manifests and configurations.</summary>
    /// <param name="reference">Its name; with a digest, it comes without a name, as with Docker.</param>
    /// <param name="platform">The only platform that is wanted; empty for the image as it is.</param>
    /// <exception cref="EngineException">It cannot be had, or the store is full.</exception>
    public OciDescriptor Pull(ImageReference reference, string platform)
    {
        using var staging = store.Stage();
        var layout = staging.Layout("pull", store.Layout);
        var root = Receive(reference.Digest is { } digest ? $"{reference.Repository}@{digest}" : reference.Name,
            layout, [], staging.Folder);
        if (platform.Length > 0)
            root = new ImageView(layout).Manifest(root, platform) ?? throw new EngineException(
                EngineException.NotFound, $"no matching manifest for {platform} in the manifest list entries");
        Keep(layout, StoredImage.PulledFrom(reference, root), reference.Digest is null ? [reference] : []);
        return root;
    }

    /// <summary>Fetches the layers of this machine's platform, as far as they are not here.</summary>
    /// <exception cref="EngineException">They cannot be had, or the store is full.</exception>
    public void Complete(StoredImage image) => Complete(image, view.MainManifest(image.Root));

    /// <summary>Fetches the layers of one manifest of an image, as far as they are not here.</summary>
    /// <inheritdoc cref="Complete(StoredImage)" path="/exception"/>
    public void Complete(StoredImage image, OciDescriptor? main)
    {
        if (image.Source is not { } source || main is null
            || store.Layout.Missing(main) is not { Count: > 0 } missing)
            return;
        using var staging = store.Stage();
        var layout = staging.Layout("fetch", store.Layout);
        Receive($"{source}@{main.Digest}", layout, missing, staging.Folder);
        Keep(layout, image.Root, []);
    }

    private OciDescriptor Receive(
        string source, Layout layout, IEnumerable<OciDescriptor> layers, string scratch)
    {
        using var registry = new ReceivingRegistry(layout, layers);
        var problem = tools.Copy(source, registry.Target, scratch);
        if (problem is null)
            return registry.Root ?? throw new EngineException(EngineException.Failed, $"{source} has not come");
        throw problem.EndsWith("not found", StringComparison.Ordinal)
            ? new EngineException(EngineException.NotFound, $"manifest for {source} not found: {problem}")
            : new EngineException(EngineException.Failed, problem);
    }

    private void Keep(Layout layout, OciDescriptor root, IReadOnlyList<ImageReference> names)
    {
        if (store.Keep(layout, root, names).Problem is { } problem)
            throw new EngineException(EngineException.Failed, problem);
    }
}
