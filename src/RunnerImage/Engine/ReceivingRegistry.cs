using System.Net;
using System.Text.Json;
using RunnerImage.Http;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>
/// A layout as a registry that is written to, on this machine alone: buildx copies an image into it. It says of the
/// layers that nobody needs yet that it has them, so that they stay where they are
/// (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push).
/// </summary>
internal sealed class ReceivingRegistry : IDisposable
{
    private const string Name = "images";
    private const string Blobs = $"/v2/{Name}/blobs/";
    private const string Uploads = $"/v2/{Name}/blobs/uploads/";
    private const string Manifests = $"/v2/{Name}/manifests/";
    private const string Tag = "image";

    private readonly Layout layout;
    private readonly Dictionary<string, long> layers;
    private readonly HttpSocket socket;
    private volatile OciDescriptor? root;

    /// <param name="layout">What is here already, and where the rest goes.</param>
    /// <param name="layers">The layers that are wanted.</param>
    /// <exception cref="System.Net.Sockets.SocketException">There is no port.</exception>
    public ReceivingRegistry(Layout layout, IEnumerable<OciDescriptor> layers)
    {
        this.layout = layout;
        this.layers = layers.ToDictionary(l => l.Digest, l => l.Size, StringComparer.Ordinal);
        socket = HttpSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), Handle);
    }

    /// <summary>The name to copy an image to.</summary>
    public string Target => $"{socket.Address}/{Name}:{Tag}";

    /// <summary>The image that has come; null if none has.</summary>
    public OciDescriptor? Root => root;

    public void Dispose() => socket.Dispose();

    private void Handle(HttpRequest request, HttpReply reply)
    {
        try
        {
            Answer(request, reply);
        }
        catch (BrokenImageException e)
        {
            Refuse(reply, 400, e.Message);
        }
    }

    private void Answer(HttpRequest request, HttpReply reply)
    {
        switch (request.Method)
        {
            case "GET" when request.Path is "/v2/" or "/v2":
                reply.Send(200, HttpReply.Json, "{}");
                break;
            case "HEAD" when After(request.Path, Manifests) is { } digest && layout.Has(digest):
            case "HEAD" when After(request.Path, Blobs) is { } blob && IsHere(blob, request.Header("Accept")):
                reply.Send(200, HttpReply.Binary, [], (HttpReply.ContentDigest, request.Path.Split('/')[^1]));
                break;
            case "POST" when request.Path == Uploads:
                reply.Send(202, HttpReply.Json, [], ("Location", Uploads + Guid.NewGuid().ToString("N")));
                break;
            case "PUT" when After(request.Path, Uploads) is not null:
                TakeBlob(request.Value("digest"), request.Body);
                reply.Send(201, HttpReply.Json, [], (HttpReply.ContentDigest, request.Value("digest")));
                break;
            case "PUT" when After(request.Path, Manifests) is { } reference:
                var manifest = TakeManifest(reference, request);
                reply.Send(201, HttpReply.Json, [], (HttpReply.ContentDigest, manifest.Digest));
                break;
            default:
                Refuse(reply, 404, "not here");
                break;
        }
    }

    /// <summary>Whether a blob need not be sent: layers, and what is attested of an image. What a blob is stands in
    /// what the sender says to accept.</summary>
    private bool IsHere(string digest, string accepted) => layout.Has(digest)
        || (accepted.Split(',')[0].Trim() is not ("" or MediaTypes.Config or MediaTypes.DockerConfig)
            && !layers.ContainsKey(digest));

    private void TakeBlob(string digest, Stream body)
    {
        if (!Digest.IsValid(digest))
            throw new BrokenImageException("a blob has no digest");
        layout.Add(digest, body, layers.GetValueOrDefault(digest, Layout.LargestManifest));
    }

    private OciDescriptor TakeManifest(string reference, HttpRequest request)
    {
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (var read = request.Body.Read(buffer); read > 0; read = request.Body.Read(buffer))
        {
            content.Write(buffer, 0, read);
            if (content.Length > Layout.LargestManifest)
                throw new BrokenImageException("a manifest is larger than any");
        }

        var manifest = layout.Add(request.Header("Content-Type").Split(';')[0].Trim(), content.ToArray());
        if (!manifest.IsIndex && !manifest.IsManifest)
            throw new BrokenImageException("it is of a kind that Docker does not have either");
        if (reference == Tag)
            root = manifest;
        return manifest;
    }

    private static string? After(string path, string start) =>
        path.StartsWith(start, StringComparison.Ordinal) && path.Length > start.Length ? path[start.Length..] : null;

    private static void Refuse(HttpReply reply, int status, string why) => reply.Send(status, HttpReply.Json,
        $$"""{"errors":[{"code":"DENIED","message":"{{JsonEncodedText.Encode(why)}}"}]}""");
}
