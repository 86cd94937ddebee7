using RunnerImage.Http;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>Takes images from registries.</summary>
internal sealed class PullRequests(ImageStore store, RegistryImages registries)
{
    /// <param name="request">Which image.</param>
    /// <param name="reply">The answer: a line for each step.</param>
    /// <exception cref="EngineException">It cannot be had.</exception>
    public void Pull(HttpRequest request, HttpReply reply)
    {
        var (name, tag) = (request.Value("fromImage"), request.Value("tag"));
        if (tag.Length == 0 && ImageReference.Parse(name) is { Tag: null, Digest: null })
            throw new EngineException(EngineException.NotHere,
                "docker pull --all-tags is not done here: name the tags one by one");
        var text = tag.Length == 0 ? name : Digest.IsValid(tag) ? $"{name}@{tag}" : $"{name}:{tag}";
        var reference = ImageReference.Parse(text) ?? throw EngineException.NoReference(text);
        var before = ImageQuery.Find(store, text);
        var root = registries.Pull(reference, request.Value("platform"));
        var lines = new ProgressLines(reply.Begin(HttpReply.Json));
        var familiar = reference.Digest is { } digest ? $"{reference.FamiliarRepository}@{digest}" : reference.Familiar;
        lines.Say($"{reference.Digest ?? reference.Tag ?? "latest"}: Pulling from {reference.Path}");
        lines.Say($"Digest: {root.Digest}");
        lines.Say(before.Any(i => i.Id == root.Digest)
            ? $"Status: Image is up to date for {familiar}"
            : $"Status: Downloaded newer image for {familiar}");
    }
}
