using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using RunnerImage.Http;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>
/// The part of Docker's API that concerns images, answered from the pod's store, so that Docker's own CLI reads the
/// flags and prints the formats of its commands (https://docs.docker.com/reference/api/engine/).
/// </summary>
/// <param name="images">Answers about images.</param>
/// <param name="pushes">Sends images to registries.</param>
/// <param name="pulls">Takes images from registries.</param>
/// <param name="archives">Reads and writes images as files.</param>
/// <param name="imports">Makes images of files.</param>
/// <param name="containers">Takes files out of images.</param>
/// <param name="logins">Logs in to registries.</param>
internal sealed partial class EngineApi(
    ImageRequests images, PushRequests pushes, PullRequests pulls, ArchiveRequests archives, ImportRequests imports,
    ContainerRequests containers, LoginRequests logins)
{
    /// <summary>What CLIs of Docker 23 to 29 speak.</summary>
    private const string ApiVersion = "1.47";

    /// <summary>The <c>errno</c> of a volume that is full.</summary>
    private const int NoSpace = 28;

    /// <summary>Answers one request.</summary>
    /// <exception cref="IOException">Nobody reads the answer.</exception>
    public void Handle(HttpRequest request, HttpReply reply)
    {
        try
        {
            var path = VersionPrefix().Replace(request.Path, "");
            if (!Images(request, path, reply) && !Transfers(request, path, reply)
                && !Containers(request, path, reply) && !Others(request, path, reply))
                throw new EngineException(EngineException.NotHere,
                    "this runner has no Docker daemon, and its store of images does not answer "
                    + $"{request.Method} {path}");
        }
        catch (EngineException e) when (!reply.HasBegun)
        {
            Send(reply, e.Status, new(e.Message), EngineJson.Default.EngineError);
        }
        catch (BrokenImageException e) when (!reply.HasBegun)
        {
            Send(reply, EngineException.Failed, new($"the images of this runner cannot be read: {e.Message}"),
                EngineJson.Default.EngineError);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !reply.HasBegun)
        {
            Send(reply, EngineException.Failed, new(e.HResult == NoSpace
                ? $"no space left on device: the volume that this job works on is full ({e.Message}). Remove "
                    + "what later steps do not need (docker image prune -af, files of the job), or give the pool's "
                    + "volume more"
                : $"the images of this runner cannot be used: {e.Message}"), EngineJson.Default.EngineError);
        }
    }

    private bool Images(HttpRequest request, string path, HttpReply reply)
    {
        switch (request.Method, path)
        {
            case ("GET", "/images/json"):
                Send(reply, 200, images.List(request), EngineJson.Default.IReadOnlyListImageSummary);
                return true;
            case ("POST", "/images/prune"):
                Send(reply, 200, images.Prune(request), EngineJson.Default.PruneReport);
                return true;
            case ("GET", _) when Name(path, "/json") is { } name:
                Send(reply, 200, images.Inspect(name), EngineJson.Default.ImageInspect);
                return true;
            case ("GET", _) when Name(path, "/history") is { } name:
                Send(reply, 200, images.History(name), EngineJson.Default.IReadOnlyListHistoryItem);
                return true;
            case ("POST", _) when Name(path, "/tag") is { } name:
                images.Tag(name, request);
                reply.Send(201, HttpReply.Json, "");
                return true;
            case ("DELETE", _) when Name(path, "") is { } name:
                Send(reply, 200, images.Remove(name, request.Value("force") is "1" or "true"),
                    EngineJson.Default.IReadOnlyListRemoval);
                return true;
            default:
                return false;
        }
    }

    private bool Transfers(HttpRequest request, string path, HttpReply reply)
    {
        switch (request.Method, path)
        {
            case ("POST", _) when Name(path, "/push") is { } name:
                pushes.Push(name, request.Value("tag"), reply);
                return true;
            case ("POST", "/images/create") when request.Value("fromSrc").Length > 0:
                imports.Import(request, reply);
                return true;
            case ("POST", "/images/create"):
                pulls.Pull(request, reply);
                return true;
            case ("GET", "/images/get"):
                archives.Save([.. request.Query["names"]], reply);
                return true;
            case ("GET", _) when Name(path, "/get") is { } name:
                archives.Save([name], reply);
                return true;
            case ("POST", "/images/load"):
                archives.Load(request.Body, reply);
                return true;
            default:
                return false;
        }
    }

    private bool Containers(HttpRequest request, string path, HttpReply reply)
    {
        const string Of = "/containers/";
        switch (request.Method, path)
        {
            case ("POST", "/containers/create"):
                Send(reply, 201, new(containers.Create(request).Id, []), EngineJson.Default.NewContainer);
                return true;
            case ("POST", "/containers/prune"):
                Send(reply, 200, containers.Prune(), EngineJson.Default.PruneReport);
                return true;
            case ("GET" or "HEAD", _) when Name(path, "/archive", Of) is { } name:
                containers.Copy(name, request, reply);
                return true;
            case ("GET", _) when Name(path, "/export", Of) is { } name:
                containers.Export(name, reply);
                return true;
            case ("DELETE", _) when Name(path, "", Of) is { } name:
                containers.Remove(name);
                reply.Send(204, HttpReply.Json, "");
                return true;
            case ("PUT", _) when Name(path, "/archive", Of) is not null:
                throw new EngineException(EngineException.NotHere,
                    "nothing can be copied into a container here: let the build copy it (COPY)");
            default:
                return false;
        }
    }

    private bool Others(HttpRequest request, string path, HttpReply reply)
    {
        switch (request.Method, path)
        {
            case (_, "/_ping"):
                reply.Send(200, "text/plain", "OK"u8,
                    ("API-Version", ApiVersion), ("OSType", "linux"), ("Builder-Version", "2"));
                return true;
            case ("POST", "/auth"):
                Send(reply, 200, logins.LogIn(request), EngineJson.Default.LoginReport);
                return true;
            case ("GET", "/system/df"):
                Send(reply, 200, images.Usage(), EngineJson.Default.DiskUsage);
                return true;
            // There are none, so a clean-up step has nothing to do.
            case ("POST", "/networks/prune" or "/volumes/prune" or "/build/prune"):
                reply.Send(200, HttpReply.Json, """{"SpaceReclaimed":0}""");
                return true;
            case ("GET", _) when path.StartsWith("/containers/", StringComparison.Ordinal)
                || path.StartsWith("/networks/", StringComparison.Ordinal)
                || path.StartsWith("/volumes/", StringComparison.Ordinal)
                || path.StartsWith("/plugins/", StringComparison.Ordinal):
                throw new EngineException(EngineException.NotFound,
                    $"No such object: {path.Split('/')[2]}: this runner has images only");
            default:
                return false;
        }
    }

    private static string? Name(string path, string end, string start = "/images/") =>
        path.StartsWith(start, StringComparison.Ordinal) && path.EndsWith(end, StringComparison.Ordinal)
            && path.Length > start.Length + end.Length
                ? path[start.Length..^end.Length]
                : null;

    private static void Send<T>(HttpReply reply, int status, T value, JsonTypeInfo<T> type) =>
        reply.Send(status, HttpReply.Json, JsonSerializer.SerializeToUtf8Bytes(value, type));

    [GeneratedRegex(@"^/v\d+\.\d+(?=/)")]
    private static partial Regex VersionPrefix();
}
