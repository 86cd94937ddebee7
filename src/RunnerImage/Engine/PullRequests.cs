using RunnerImage.Http;
using RunnerImage.Images;
using RunnerImage.Registries;
using RunnerImage.Web;

namespace RunnerImage.Engine;

/// <summary>Takes images from registries.</summary>
internal sealed class PullRequests(ImageStore store, RegistryImages registries, RegistryTags tags)
{
    /// <param name="request">Which image; without a tag, all of a repository.</param>
    /// <param name="reply">The answer: a line for each step.</param>
    /// <exception cref="EngineException">It cannot be had.</exception>
    public void Pull(HttpRequest request, HttpReply reply)
    {
        var (name, tag, platform) = (request.Value("fromImage"), request.Value("tag"), request.Value("platform"));
        var text = tag.Length == 0 ? name : Digest.IsValid(tag) ? $"{name}@{tag}" : $"{name}:{tag}";
        var reference = ImageReference.Parse(text) ?? throw EngineException.NoReference(text);
        if (reference is { Tag: null, Digest: null })
        {
            PullAll(reference, TagsOf(reference, RegistryLogin.Parse(request.Header(RegistryLogin.Header))), platform,
                reply);
            return;
        }

        var pulled = Pull(reference, platform);
        var lines = new ProgressLines(reply.Begin(HttpReply.Json));
        Say(pulled, lines);
        SayStatus(
            reference.Digest is { } digest ? $"{reference.FamiliarRepository}@{digest}" : reference.Familiar,
            pulled.IsNew, lines);
    }

    private void PullAll(ImageReference repository, IReadOnlyList<string> all, string platform, HttpReply reply)
    {
        var lines = new ProgressLines(reply.Begin(HttpReply.Json));
        var isNew = false;
        try
        {
            foreach (var tag in all)
            {
                var pulled = Pull(repository with { Tag = tag }, platform);
                Say(pulled, lines);
                isNew |= pulled.IsNew;
            }

            SayStatus(repository.FamiliarRepository, isNew, lines);
        }
        catch (Exception e) when (e is EngineException or BrokenImageException)
        {
            lines.Fail(e.Message);
        }
    }

    private IReadOnlyList<string> TagsOf(ImageReference repository, RegistryLogin login)
    {
        try
        {
            return tags.List(repository, login);
        }
        catch (RegistryException e)
        {
            throw new EngineException(e.IsNotFound ? EngineException.NotFound : EngineException.Failed, e.Message);
        }
        catch (TransferException e)
        {
            throw new EngineException(EngineException.Failed, e.Message);
        }
    }

    private Pulled Pull(ImageReference reference, string platform)
    {
        var before = ImageQuery.Find(store, reference.Digest is { } digest
            ? $"{reference.Repository}@{digest}"
            : reference.Name);
        var root = registries.Pull(reference, platform);
        return new(reference, root, before.All(i => i.Id != root.Digest));
    }

    private static void Say(Pulled pulled, ProgressLines lines)
    {
        lines.Say($"{pulled.Name.Digest ?? pulled.Name.Tag ?? "latest"}: Pulling from {pulled.Name.Path}");
        lines.Say($"Digest: {pulled.Root.Digest}");
    }

    private static void SayStatus(string name, bool isNew, ProgressLines lines) => lines.Say(isNew
        ? $"Status: Downloaded newer image for {name}"
        : $"Status: Image is up to date for {name}");

    /// <summary>What a pull has brought.</summary>
    private sealed record Pulled(ImageReference Name, OciDescriptor Root, bool IsNew);
}
