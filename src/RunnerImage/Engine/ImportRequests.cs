using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using RunnerImage.Http;
using RunnerImage.Images;
using RunnerImage.Layers;

namespace RunnerImage.Engine;

/// <summary>Makes images of the files of a system, one layer each.</summary>
internal sealed class ImportRequests(ImageStore store, TimeProvider time)
{
    /// <param name="request">The files, and how the image is to be.</param>
    /// <param name="reply">The answer: the image's ID.</param>
    /// <exception cref="EngineException">They are none, or the store is full.</exception>
    public void Import(HttpRequest request, HttpReply reply)
    {
        if (request.Value("fromSrc") is not "-" and var address)
            throw new EngineException(EngineException.NotHere,
                $"docker import of an address is not done here: curl -fL '{address}' | docker import - NAME does it");
        var text = request.Value("tag") is { Length: > 0 } tag
            ? $"{request.Value("repo")}:{tag}"
            : request.Value("repo");
        var name = text.Length == 0 ? null : ImageReference.Parse(text) ?? throw EngineException.NoReference(text);
        var changes = new ImageChanges();
        foreach (var change in request.Query["changes"])
            if (!changes.Apply(change))
                throw new EngineException(EngineException.Invalid,
                    $"\"{change}\" is no change that is known here: {ImageChanges.Known} are");
        using var staging = store.Stage();
        var layout = staging.Layout("import", store.Layout);
        var root = Make(request, layout, staging.Folder, changes);
        if (store.Keep(layout, root, name is null ? [] : [name]).Problem is { } problem)
            throw new EngineException(EngineException.Failed, problem);
        new ProgressLines(reply.Begin(HttpReply.Json)).Say(root.Digest);
    }

    private OciDescriptor Make(HttpRequest request, Layout layout, string folder, ImageChanges changes)
    {
        var path = Path.Combine(folder, "files");
        using (var file = File.Create(path))
            request.Body.CopyTo(file);
        var (layer, content) = Layer(path, layout);
        var platform = request.Value("platform").Split('/');
        var config = JsonSerializer.SerializeToUtf8Bytes(
            new ImageConfig(
                platform is [_, var architecture, ..] ? architecture : OwnArchitecture, "linux",
                platform is [_, _, var variant] ? variant : null, time.GetUtcNow(), null, changes.ToJson(),
                new("layers", [content]),
                [new(time.GetUtcNow(), null, request.Value("message") is { Length: > 0 } said
                    ? said
                    : "Imported from -", null)]),
            OciJson.Default.ImageConfig);
        return layout.Add(MediaTypes.Manifest, JsonSerializer.SerializeToUtf8Bytes(
            new OciManifest(2, MediaTypes.Manifest, layout.Add(MediaTypes.Config, config), [layer]),
            OciJson.Default.OciManifest));
    }

    private static string OwnArchitecture =>
        RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";

    /// <returns>The layer as it came, and the digest of what is in it.</returns>
    private static (OciDescriptor Layer, string Content) Layer(string path, Layout layout)
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            bool packed;
            using (var file = File.OpenRead(path))
            {
                packed = LayerStream.IsGzip(file);
                using var content = LayerStream.Open(file);
                var buffer = new byte[1 << 16];
                for (var read = content.Read(buffer); read > 0; read = content.Read(buffer))
                    hash.AppendData(buffer, 0, read);
            }

            using (var file = File.OpenRead(path))
            using (var tar = new TarReader(LayerStream.Open(file)))
                _ = tar.GetNextEntry();
            return (layout.Take(packed ? MediaTypes.PackedLayer : MediaTypes.Layer, path), Digest.Of(hash));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException
            or BrokenImageException)
        {
            throw new EngineException(EngineException.Invalid,
                "the file cannot be imported: it is no tar file, or one that is packed otherwise than by gzip");
        }
    }
}
