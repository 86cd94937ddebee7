using RunnerImage.Http;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>Sends images of the store to registries.</summary>
internal sealed class PushRequests(ImageStore store, ImageTools tools)
{
    private const int MostTries = 5;

    /// <param name="name">The repository.</param>
    /// <param name="tag">The tag; empty for all that the repository has here.</param>
    /// <param name="reply">The answer: a line for each step.</param>
    /// <exception cref="EngineException">There is no such image.</exception>
    public void Push(string name, string tag, HttpReply reply)
    {
        var text = tag.Length > 0 ? $"{name}:{tag}" : name;
        var reference = ImageReference.Parse(text) ?? throw EngineException.NoReference(text);
        List<StoredImage> images = [.. store.Images().Where(i => tag.Length > 0
            ? i.Name?.Name == reference.Name
            : i.Name?.Repository == reference.Repository)];
        if (images.Count == 0)
            throw new EngineException(EngineException.NotFound,
                $"An image does not exist locally with the tag: {reference.FamiliarRepository}");
        var lines = new ProgressLines(reply.Begin(HttpReply.Json));
        lines.Say($"The push refers to repository [{reference.Repository}]");
        using var staging = store.Stage();
        foreach (var group in images.GroupBy(i => i.Id))
            if (!Push([.. group], staging, lines))
                return;
    }

    private bool Push(IReadOnlyList<StoredImage> entries, Staging staging, ProgressLines lines)
    {
        var root = entries[0].Root;
        if (Copy(entries, staging) is { } problem)
        {
            lines.Fail(problem);
            return false;
        }

        foreach (var tag in entries.Select(e => e.Name!.Tag ?? "latest"))
        {
            lines.Say($"{tag}: digest: {root.Digest} size: {root.Size}");
            lines.Pushed(new(tag, root.Digest, root.Size));
        }

        return true;
    }

    /// <returns>Why it failed; null if it did not.</returns>
    private string? Copy(IReadOnlyList<StoredImage> entries, Staging staging)
    {
        var root = entries[0].Root;
        // What was pulled and is not here goes from one registry to the other, which may be the same.
        if (entries.Select(e => e.Source).FirstOrDefault(s => s is not null) is { } source
            && store.Layout.Missing(root).Count > 0)
            return Copy($"{source}@{root.Digest}", entries, staging);
        using var registry = new LayoutRegistry(staging.Layout(Digest.WithoutPrefix(root.Digest), store.Layout), root);
        return Copy(registry.NameOf(root), entries, staging);
    }

    /// <summary>One name after the other: of several at once buildx may write a list under the second before the
    /// manifests are there that it is writing under the first.</summary>
    private string? Copy(string source, IReadOnlyList<StoredImage> entries, Staging staging) => entries
        .Select(e => CopyTo(e.Name!.Name, source, staging)).FirstOrDefault(p => p is not null);

    /// <summary>
    /// Tries as often as docker's daemon does. Manifests that share a layer are written at once, and buildx takes the
    /// layer for written while it still is under way: the registry refuses a manifest whose layer it does not have yet.
    /// </summary>
    private string? CopyTo(string target, string source, Staging staging)
    {
        string? problem = null;
        for (var left = MostTries; left > 0; left--)
        {
            problem = tools.Copy(source, target, staging.Folder);
            if (problem?.Contains("failed commit on ref", StringComparison.Ordinal) != true)
                break;
        }
        return problem;
    }
}
