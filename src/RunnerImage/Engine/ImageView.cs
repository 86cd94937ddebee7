using System.Globalization;
using System.Runtime.InteropServices;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>Images of the store as Docker's API describes them.</summary>
/// <param name="layout">Where their blobs are.</param>
internal sealed class ImageView(Layout layout)
{
    private static readonly string OwnPlatform =
        RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "linux/arm64" : "linux/amd64";

    /// <summary>One line for each image, the newest first.</summary>
    /// <param name="images">The entries of the store.</param>
    public IReadOnlyList<ImageSummary> List(IReadOnlyList<StoredImage> images) =>
        [.. images.GroupBy(i => i.Id).Select(g => Summary([.. g])).OrderByDescending(s => s.Created)];

    public ImageInspect Inspect(IReadOnlyList<StoredImage> entries)
    {
        var config = ConfigOf(entries[0].Root);
        return new(
            entries[0].Id, Tags(entries), Digests(entries), config?.History is [.., { Comment: { } comment }]
                ? comment
                : "",
            config?.Created?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), config?.Author ?? "",
            config?.Architecture, config?.Variant, config?.Os, SizeOf(entries[0].Root),
            new("layers", config?.RootFs?.DiffIds ?? []), new Dictionary<string, string>(), config?.Config);
    }

    /// <summary>How the layers of an image came about, the highest first.</summary>
    public IReadOnlyList<HistoryItem> History(IReadOnlyList<StoredImage> entries)
    {
        var root = entries[0].Root;
        if (MainManifest(root) is not { } main)
            return [];
        var manifest = layout.ReadManifest(main.Digest);
        var layers = new Queue<OciDescriptor>(manifest.Layers);
        List<HistoryItem> items = [];
        foreach (var step in layout.ReadConfig(manifest.Config.Digest).History ?? [])
        {
            var size = step.EmptyLayer == true || !layers.TryDequeue(out var layer) ? 0 : layer.Size;
            items.Add(new("<missing>", Seconds(step.Created), step.CreatedBy ?? "", null, size, step.Comment ?? ""));
        }

        items.Reverse();
        if (items.Count > 0)
            items[0] = items[0] with { Id = root.Digest, Tags = Tags(entries) };
        return items;
    }

    /// <summary>The labels of an image.</summary>
    public IReadOnlyDictionary<string, string> Labels(OciDescriptor root) =>
        ConfigOf(root)?.Labels() ?? new Dictionary<string, string>();

    /// <summary>When an image was built, in seconds since 1970; 0 if it does not say.</summary>
    public long Created(OciDescriptor root) => Seconds(ConfigOf(root)?.Created);

    /// <summary>The manifest that docker means if nothing is said of a platform: that of this machine, else the
    /// first.</summary>
    public OciDescriptor? MainManifest(OciDescriptor root)
    {
        var all = layout.Platforms(root);
        return Manifest(all, OwnPlatform) ?? (all.Count > 0 ? all[0] : null);
    }

    /// <summary>The manifest of a platform.</summary>
    /// <param name="root">The image.</param>
    /// <param name="platform">As <c>os/architecture</c> or <c>os/architecture/variant</c>.</param>
    /// <returns>Null if the image has none for it here.</returns>
    public OciDescriptor? Manifest(OciDescriptor root, string platform) =>
        Manifest(layout.Platforms(root),
            platform.Split('/') is [var architecture] ? $"linux/{architecture}" : platform);

    private OciDescriptor? Manifest(IReadOnlyList<OciDescriptor> all, string platform) => all.FirstOrDefault(m =>
        PlatformOf(m) is var own && (own == platform || own.StartsWith(platform + '/', StringComparison.Ordinal)));

    /// <summary>What a manifest is for: a list says it, and always the configuration.</summary>
    private string PlatformOf(OciDescriptor manifest)
    {
        if (manifest.Platform is { } said)
            return Text(said.Os, said.Architecture, said.Variant);
        if (layout.ReadManifest(manifest.Digest).Config.Digest is not { } digest || !layout.Has(digest))
            return "";
        var config = layout.ReadConfig(digest);
        return Text(config.Os, config.Architecture, config.Variant);
    }

    private static string Text(string? os, string? architecture, string? variant) =>
        $"{os}/{architecture}{(string.IsNullOrEmpty(variant) ? "" : $"/{variant}")}";

    private ImageSummary Summary(IReadOnlyList<StoredImage> entries) => new(
        entries[0].Id, "", Tags(entries), Digests(entries), Created(entries[0].Root), SizeOf(entries[0].Root), -1,
        Labels(entries[0].Root), -1);

    /// <summary>What is here of it, and the layers that are still in a registry, as far as this machine's platform
    /// has them.</summary>
    private long SizeOf(OciDescriptor root) => layout.Reachable(root)
        .Concat(MainManifest(root) is { } main ? layout.Missing(main) : [])
        .DistinctBy(b => b.Digest).Sum(b => b.Size);

    /// <returns>Null if the image has none that can be read: it is listed all the same.</returns>
    private ImageConfig? ConfigOf(OciDescriptor root)
    {
        try
        {
            return MainManifest(root) is { } main
                ? layout.ReadConfig(layout.ReadManifest(main.Digest).Config.Digest)
                : null;
        }
        catch (BrokenImageException)
        {
            return null;
        }
    }

    private static long Seconds(DateTimeOffset? time) => time?.ToUnixTimeSeconds() ?? 0;

    private static string[] Tags(IReadOnlyList<StoredImage> entries) =>
        [.. entries.Select(e => e.Name?.Familiar).OfType<string>()];

    private static string[] Digests(IReadOnlyList<StoredImage> entries) =>
        [.. entries.Select(e => e.Name ?? (e.Source is { } source ? ImageReference.Parse(source) : null))
            .Select(n => n?.FamiliarRepository).OfType<string>().Distinct().Select(r => $"{r}@{entries[0].Id}")];
}
