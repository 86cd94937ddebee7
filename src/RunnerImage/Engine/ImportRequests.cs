using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using RunnerImage.Http;
using RunnerImage.Images;
using RunnerImage.Layers;
using RunnerImage.Web;

namespace RunnerImage.Engine;

/// <summary>Makes images of the files of a system, one layer each.</summary>
internal sealed class ImportRequests(ImageStore store, WebReader web, TimeProvider time)
{
    private const int LongestWords = 512;

    /// <summary>What stands for an address where the files come with the request.</summary>
    private const string Here = "-";

    /// <param name="request">The files or their address, and how the image is to be.</param>
    /// <param name="reply">The answer: the image's ID.</param>
    /// <exception cref="EngineException">They are none, or the store is full.</exception>
    public void Import(HttpRequest request, HttpReply reply)
    {
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
        var (path, layout) = (Path.Combine(staging.Folder, "files"), staging.Layout("import", store.Layout));
        var from = Fetch(request, path);
        OtherPacking.Undo(path, new(store));
        var root = Make(request, path, layout, changes, from);
        if (store.Keep(layout, root, name is null ? [] : [name]).Problem is { } problem)
            throw new EngineException(EngineException.Failed, problem);
        var lines = new ProgressLines(reply.Begin(HttpReply.Json));
        if (from != Here)
            lines.Say($"Downloading from {from}");
        lines.Say(root.Digest);
    }

    /// <returns>From where the files have come.</returns>
    private string Fetch(HttpRequest request, string path)
    {
        var room = new StoreRoom(store);
        if (request.Value("fromSrc") is not Here and var source)
            return Download(source, path, room);
        room.Fill(path, request.Body);
        return Here;
    }

    private string Download(string source, string path, StoreRoom room)
    {
        if (!Uri.TryCreate(source, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
            throw new EngineException(EngineException.Invalid,
                $"\"{WebText.Plain(source, LongestWords)}\" is no address of a file: http:// and https:// are");
        try
        {
            using var answer = web.Ask(address);
            if (!answer.IsSuccessStatusCode)
                throw new EngineException((int)answer.StatusCode == EngineException.NotFound
                    ? EngineException.NotFound
                    : EngineException.Failed, Refusal(address, answer));
            using var file = File.Create(path);
            web.Copy(answer, file, room.Take);
            return WebText.Of(address);
        }
        catch (TransferException e)
        {
            throw new EngineException(EngineException.Failed, e.Message);
        }
    }

    private string Refusal(Uri address, HttpResponseMessage answer) => answer.Headers.Location is not null
        ? $"failed to GET {WebText.Of(address)}: a redirect to {WebText.Plain($"{answer.Headers.Location}",
            LongestWords)} is not followed: it leads from https to http, or to no address, or is one too many"
        : WebText.Plain($"failed to GET {WebText.Of(address)} with status {(int)answer.StatusCode} "
            + $"{answer.ReasonPhrase}: {web.Text(answer, LongestWords).Trim()}", 2 * LongestWords);

    private OciDescriptor Make(
        HttpRequest request, string path, Layout layout, ImageChanges changes, string from)
    {
        var (layer, content) = Layer(path, layout);
        var platform = request.Value("platform").Split('/');
        var config = JsonSerializer.SerializeToUtf8Bytes(
            new ImageConfig(
                platform is [_, var architecture, ..] ? architecture : OwnArchitecture, "linux",
                platform is [_, _, var variant] ? variant : null, time.GetUtcNow(), null, changes.ToJson(),
                new("layers", [content]),
                [new(time.GetUtcNow(), null, request.Value("message") is { Length: > 0 } said
                    ? said
                    : $"Imported from {from}", null)]),
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
            string kind;
            using (var file = File.OpenRead(path))
            {
                kind = LayerStream.MediaTypeOf(file);
                using var content = LayerStream.Open(file);
                var buffer = new byte[1 << 16];
                for (var read = content.Read(buffer); read > 0; read = content.Read(buffer))
                    hash.AppendData(buffer, 0, read);
            }

            using (var file = File.OpenRead(path))
            using (var tar = new TarReader(LayerStream.Open(file)))
                _ = tar.GetNextEntry();
            return (layout.Take(kind, path), Digest.Of(hash));
        }
        catch (Exception e) when (LayerStream.IsDamage(e))
        {
            throw new EngineException(EngineException.Invalid,
                "the file cannot be imported: it is no tar file, or one that is packed otherwise than by gzip, zstd, "
                + "xz or bzip2");
        }
    }
}
