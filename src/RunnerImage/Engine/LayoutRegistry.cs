using System.Net;
using System.Text.Json;
using RunnerImage.Http;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>
/// A layout as a registry that can only be read, on this machine alone: from there buildx copies images into other
/// registries (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull).
/// </summary>
internal sealed class LayoutRegistry : IDisposable
{
    /// <summary>The repository that all images are in.</summary>
    private const string Repository = "images";

    private readonly Layout layout;
    private readonly Dictionary<string, string> types;
    private readonly HttpSocket socket;

    /// <param name="layout">The layout.</param>
    /// <param name="root">The image in it that is given away.</param>
    /// <exception cref="BrokenImageException">Something of it is no manifest.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">There is no port.</exception>
    public LayoutRegistry(Layout layout, OciDescriptor root)
    {
        this.layout = layout;
        types = layout.Reachable(root).ToDictionary(b => b.Digest, b => b.MediaType, StringComparer.Ordinal);
        socket = HttpSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0), Handle);
    }

    /// <summary>The name of an image in it.</summary>
    public string NameOf(OciDescriptor root) => $"{socket.Address}/{Repository}@{root.Digest}";

    public void Dispose() => socket.Dispose();

    private void Handle(HttpRequest request, HttpReply reply)
    {
        var digest = request.Path.Split('/') is ["", "v2", Repository, "manifests" or "blobs", var asked] ? asked : "";
        if (request.Method is not ("GET" or "HEAD"))
            reply.Send(405, HttpReply.Json, Error("UNSUPPORTED"));
        else if (request.Path is "/v2/" or "/v2")
            reply.Send(200, HttpReply.Json, "{}");
        else if (!types.TryGetValue(digest, out var type))
            reply.Send(404, HttpReply.Json, Error("NAME_UNKNOWN"));
        else
            reply.SendFile(request.Path.Contains("/blobs/", StringComparison.Ordinal)
                ? HttpReply.Binary
                : type, layout.PathOf(digest), (HttpReply.ContentDigest, digest));
    }

    private static string Error(string code) =>
        $$"""{"errors":[{"code":"{{JsonEncodedText.Encode(code)}}","message":"not here"}]}""";
}
