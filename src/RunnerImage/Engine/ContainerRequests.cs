using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using RunnerImage.Http;
using RunnerImage.Images;
using RunnerImage.Layers;

namespace RunnerImage.Engine;

/// <summary>
/// Containers that are created only to take files out of their images: those are read from the layers, and nothing
/// runs.
/// </summary>
internal sealed partial class ContainerRequests(ImageStore store, RegistryImages registries)
{
    private const int LargestBody = 4 << 20;

    private readonly ImageView view = new(store.Layout);
    private readonly Dictionary<string, ImageFiles> read = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <returns>The new container.</returns>
    /// <exception cref="EngineException">There is no such image, or the name is none or taken.</exception>
    public CreatedContainer Create(HttpRequest request)
    {
        var text = ImageOf(request.Body);
        var image = ImageQuery.Find(store, text) is [var found, ..] ? found : throw EngineException.NoImage(text);
        var manifest = request.Value("platform") is { Length: > 0 } platform
            ? view.Manifest(image.Root, platform) ?? throw EngineException.NoImage($"{text} for {platform}")
            : view.MainManifest(image.Root) ?? throw EngineException.NoImage(text);
        var id = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var name = request.Value("name") is { Length: > 0 } given ? given.TrimStart('/') : $"files-{id[..12]}";
        if (!ContainerName().IsMatch(name))
            throw new EngineException(EngineException.Invalid,
                $"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        if (store.Containers.All().FirstOrDefault(c => c.Name == name) is { } other)
            throw new EngineException(EngineException.Conflict,
                $"Conflict. The container name \"/{name}\" is already in use by container \"{other.Id}\". You have to "
                + "remove (or rename) that container to be able to reuse that name.");
        var container = new CreatedContainer(id, name, image.Id, manifest.Digest);
        store.Containers.Add(container);
        return container;
    }

    /// <summary>Writes a file of a container, or says only what it is.</summary>
    /// <exception cref="EngineException">There is no such container or file, or it cannot be read.</exception>
    public void Copy(string name, HttpRequest request, HttpReply reply)
    {
        var (container, path) = (Find(name), '/' + request.Value("path").TrimStart('/'));
        var files = FilesOf(container);
        var found = files.Find(path) ?? throw new EngineException(EngineException.NotFound,
            $"Could not find the file {path} in container {name}");
        var header = ("X-Docker-Container-Path-Stat", FileStat.Of(found, files).ToHeader());
        var tar = reply.Begin(Tar, header);
        if (request.Method != "HEAD")
            files.Write(found.File, NameOf(path), tar);
    }

    /// <summary>Writes all files of a container.</summary>
    /// <exception cref="EngineException">There is no such container, or it cannot be read.</exception>
    public void Export(string name, HttpReply reply)
    {
        var files = FilesOf(Find(name));
        files.Write(files.Find("/")!.File, "", reply.Begin(Tar));
    }

    /// <exception cref="EngineException">There is no such container.</exception>
    public void Remove(string name) => store.Containers.Remove(Find(name));

    /// <summary>Removes all containers: none of them runs.</summary>
    public PruneReport Prune()
    {
        var all = store.Containers.All();
        foreach (var container in all)
            store.Containers.Remove(container);
        return new(null, [.. all.Select(c => c.Id)], 0);
    }

    private const string Tar = "application/x-tar";

    private CreatedContainer Find(string name) => store.Containers.Find(name)
        ?? throw new EngineException(EngineException.NotFound, $"No such container: {name}");

    private ImageFiles FilesOf(CreatedContainer container)
    {
        lock (gate)
        {
            if (read.TryGetValue(container.Manifest, out var known))
                return known;
            var image = store.Images().FirstOrDefault(i => i.Id == container.Image)
                ?? throw new EngineException(EngineException.NotFound,
                    $"the image of container {container.Name} has been removed");
            registries.Complete(image,
                store.Layout.Platforms(image.Root).FirstOrDefault(m => m.Digest == container.Manifest));
            return read[container.Manifest] = new(store.Layout, store.Layout.ReadManifest(container.Manifest));
        }
    }

    /// <summary>How a file is called in its archive: by the last part of what was asked for.</summary>
    private static string NameOf(string path) => path.EndsWith("/.", StringComparison.Ordinal) || path == "/"
        ? "."
        : path.TrimEnd('/').Split('/')[^1];

    private static string ImageOf(Stream body)
    {
        var content = new byte[LargestBody];
        var length = body.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        try
        {
            using var json = JsonDocument.Parse(content.AsMemory(0, length));
            return json.RootElement.GetProperty("Image").GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new EngineException(EngineException.Invalid, "it is not said of which image the container is to be");
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$")]
    private static partial Regex ContainerName();
}
