using System.Formats.Tar;
using RunnerImage.Images;

namespace RunnerImage.Layers;

/// <summary>A file of an image at the place where it was found.</summary>
/// <param name="Path">The place, from the root on and without links.</param>
internal sealed record FoundFile(string Path, ImageFile File);

/// <summary>
/// The files of an image as a container would see them: each layer on top of those below it, with what it takes away
/// (https://github.com/opencontainers/image-spec/blob/main/layer.md). It is in memory; nothing is ever written or
/// followed outside it, whatever the layers say.
/// </summary>
internal sealed class ImageTree
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";
    private const string Reserved = ".wh..wh.";
    private const int MostFiles = 4_000_000;
    private const int MostLinks = 40;
    private const int Deepest = 1024;
    private const int LongestPath = 4096;

    private readonly ImageFile root = ImageFile.Directory(0);
    private int count;

    /// <summary>Puts a layer on top.</summary>
    /// <param name="layer">Its files.</param>
    /// <param name="number">Its number: 0 for the lowest.</param>
    /// <exception cref="BrokenImageException">It has more than any image.</exception>
    public void Apply(TarReader layer, int number)
    {
        for (var entry = 0; layer.GetNextEntry() is { } next; entry++)
        {
            if (++count > MostFiles)
                throw new BrokenImageException($"it has more than {MostFiles} files");
            if (Parts(next.Name) is { } parts && ImageFile.Of(next, number, entry) is { } file)
                Apply(parts, file);
        }
    }

    /// <summary>Finds a file as a container's kernel would; links lead nowhere outside the image.</summary>
    /// <param name="path">From the root on. With a slash at its end, a link there is followed.</param>
    /// <returns>Null if there is none.</returns>
    public FoundFile? Find(string path)
    {
        var trail = Walk(path, path.EndsWith('/') || path.EndsWith("/.", StringComparison.Ordinal), null);
        return trail is null ? null : new('/' + string.Join('/', trail.Skip(1).Select(t => t.Name)), trail[^1].File);
    }

    private void Apply(string[] parts, ImageFile file)
    {
        if (parts.Length == 0)
            return;
        if (Walk(string.Join('/', parts[..^1]), true, file.Layer) is not { } trail
            || trail[^1].File is not { IsDirectory: true } parent || trail.Count > Deepest)
            return;
        var name = parts[^1];
        if (name == Opaque)
            RemoveLower(parent, file.Layer);
        else if (name.StartsWith(Reserved, StringComparison.Ordinal))
            return;
        else if (name.StartsWith(Whiteout, StringComparison.Ordinal))
            Remove(parent, name[Whiteout.Length..], file.Layer);
        else if (file.Kind != TarEntryType.HardLink)
            parent.Files[name] = file.IsDirectory && parent.Files.TryGetValue(name, out var old) && old.IsDirectory
                ? file with { Files = old.Files }
                : file;
        else if (Parts(file.Target) is { } target
            && Walk(string.Join('/', target), false, null) is [.., (_, { IsDirectory: false } linked)])
            parent.Files[name] = linked with { Layer = file.Layer };
    }

    /// <returns>What the path leads through, the root first; null if it leads nowhere.</returns>
    /// <param name="makes">The layer for which directories that are missing are made; null to make none.</param>
    private List<(string Name, ImageFile File)>? Walk(string path, bool followsLast, int? makes)
    {
        List<(string Name, ImageFile File)> trail = [("", root)];
        var left = new Stack<string>(path.Split('/').Reverse());
        var links = 0;
        while (left.TryPop(out var part))
        {
            if (part == "..")
                trail.RemoveRange(Math.Max(1, trail.Count - 1), Math.Min(1, trail.Count - 1));
            if (part is "" or "." or "..")
                continue;
            if (!trail[^1].File.IsDirectory || trail.Count > Deepest)
                return null;
            if (!trail[^1].File.Files.TryGetValue(part, out var next))
            {
                if (makes is not { } layer)
                    return null;
                trail[^1].File.Files[part] = next = ImageFile.Directory(layer);
            }

            if (!next.IsSymbolicLink || (left.Count == 0 && !followsLast))
            {
                trail.Add((part, next));
                continue;
            }

            if (++links > MostLinks || next.Target.Length > LongestPath)
                return null;
            if (next.Target.StartsWith('/'))
                trail.RemoveRange(1, trail.Count - 1);
            foreach (var step in next.Target.Split('/').Reverse())
                left.Push(step);
        }

        return trail;
    }

    /// <returns>Null if no file can have the name.</returns>
    private static string[]? Parts(string name)
    {
        var parts = name.Split('/').Where(p => p is not ("" or ".")).ToArray();
        return name.Length > LongestPath || parts.Contains("..") || name.Contains('\0') ? null : parts;
    }

    /// <summary>Takes away what lower layers have under a name.</summary>
    private static void Remove(ImageFile parent, string name, int layer)
    {
        if (!parent.Files.TryGetValue(name, out var file))
            return;
        RemoveLower(file, layer);
        if (file.Layer < layer && file.Files.Count == 0)
            parent.Files.Remove(name);
    }

    private static void RemoveLower(ImageFile directory, int layer)
    {
        foreach (var name in directory.Files.Keys.ToList())
            Remove(directory, name, layer);
    }
}
