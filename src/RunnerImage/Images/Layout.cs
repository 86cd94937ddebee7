using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RunnerImage.Images;

/// <summary>
/// A folder of blobs with an index, as BuildKit, skopeo and trivy read and write it
/// (https://github.com/opencontainers/image-spec/blob/main/image-layout.md).
/// </summary>
/// <param name="Folder">Where it is.</param>
internal sealed record Layout(string Folder)
{
    public const string IndexFile = "index.json";
    public const string VersionFile = "oci-layout";
    public const string Version = """{"imageLayoutVersion":"1.0.0"}""";

    /// <summary>No manifest is larger; registries take none above 4 MiB.</summary>
    public const long LargestManifest = 4 << 20;

    private const int DeepestIndex = 8;

    public string Blobs => Path.Combine(Folder, "blobs", "sha256");

    public string PathOf(string digest) => Path.Combine(Blobs, Digest.WithoutPrefix(digest));

    public bool Has(string digest) => Digest.IsValid(digest) && File.Exists(PathOf(digest));

    /// <summary>Makes an empty one, its index last; one that is there stays as it is.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Create()
    {
        Directory.CreateDirectory(Blobs);
        if (!File.Exists(Path.Combine(Folder, VersionFile)))
            WriteWhole(VersionFile, System.Text.Encoding.UTF8.GetBytes(Version));
        if (!File.Exists(Path.Combine(Folder, IndexFile)))
            WriteIndex([]);
    }

    /// <summary>What the index names.</summary>
    /// <exception cref="BrokenImageException">The index cannot be read.</exception>
    public IReadOnlyList<OciDescriptor> ReadIndex() =>
        Read(Path.Combine(Folder, IndexFile), OciJson.Default.OciIndex, "the index").Manifests ?? [];

    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void WriteIndex(IReadOnlyList<OciDescriptor> manifests) => WriteWhole(IndexFile,
        JsonSerializer.SerializeToUtf8Bytes(new OciIndex(2, MediaTypes.Index, manifests), OciJson.Default.OciIndex));

    /// <exception cref="BrokenImageException">It is missing or is none.</exception>
    public OciIndex ReadList(string digest) => Read(digest, OciJson.Default.OciIndex);

    /// <exception cref="BrokenImageException">It is missing or is none.</exception>
    public OciManifest ReadManifest(string digest)
    {
        var manifest = Read(digest, OciJson.Default.OciManifest);
        return manifest.Config is null || manifest.Layers is null
            ? throw new BrokenImageException($"the manifest {digest} names no configuration and layers")
            : manifest;
    }

    /// <exception cref="BrokenImageException">It is missing or is none.</exception>
    public ImageConfig ReadConfig(string digest) => Read(digest, OciJson.Default.ImageConfig);

    /// <summary>The manifests of an image that are here, one for each platform.</summary>
    /// <exception cref="BrokenImageException">Something of it is no manifest.</exception>
    public IReadOnlyList<OciDescriptor> Platforms(OciDescriptor root) =>
        [.. Reachable(root).Where(b => b.IsManifest && !b.IsAttestation)];

    /// <summary>All blobs that an image needs and that are here, itself among them.</summary>
    /// <exception cref="BrokenImageException">Something of it is no manifest.</exception>
    public IReadOnlyList<OciDescriptor> Reachable(OciDescriptor root) =>
        [.. Named(root).Values.Where(b => Has(b.Digest))];

    /// <summary>The blobs that an image needs and that are not here: layers that were not fetched, or all of some
    /// platforms.</summary>
    /// <exception cref="BrokenImageException">Something of it is no manifest.</exception>
    public IReadOnlyList<OciDescriptor> Missing(OciDescriptor root) =>
        [.. Named(root).Values.Where(b => !Has(b.Digest))];

    /// <summary>Writes a blob, if its content is what its name says.</summary>
    /// <param name="digest">Its name.</param>
    /// <param name="content">Its content, which is read to its end.</param>
    /// <param name="limit">How long it may be.</param>
    /// <exception cref="BrokenImageException">It is another, or too long.</exception>
    /// <exception cref="IOException">The folder cannot be written, or the content cannot be read.</exception>
    public void Add(string digest, Stream content, long limit = long.MaxValue)
    {
        var hidden = $"{PathOf(digest)}.{Guid.NewGuid():N}.new";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var file = File.Create(hidden))
        {
            var buffer = new byte[1 << 16];
            for (var read = content.Read(buffer); read > 0; read = content.Read(buffer))
            {
                if (file.Position + read > limit)
                    throw new BrokenImageException($"{digest} is longer than {ByteSize.Text(limit)}");
                hash.AppendData(buffer, 0, read);
                file.Write(buffer, 0, read);
            }
        }

        if (Digest.Of(hash) != digest)
            throw new BrokenImageException($"the content of {digest} is another");
        File.Move(hidden, PathOf(digest), overwrite: true);
    }

    /// <summary>Writes a small blob under the name that its content has.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public OciDescriptor Add(string mediaType, byte[] content)
    {
        var digest = Digest.Of(content);
        Add(digest, new MemoryStream(content));
        return new(mediaType, digest, content.Length);
    }

    /// <summary>Takes a file as a blob.</summary>
    /// <exception cref="IOException">The folder cannot be written, or the file cannot be moved.</exception>
    public OciDescriptor Take(string mediaType, string path)
    {
        string digest;
        using (var file = File.OpenRead(path))
            digest = Digest.Prefix + Convert.ToHexStringLower(SHA256.HashData(file));
        File.Move(path, PathOf(digest), overwrite: true);
        return new(mediaType, digest, new FileInfo(PathOf(digest)).Length);
    }

    private Dictionary<string, OciDescriptor> Named(OciDescriptor root)
    {
        var found = new Dictionary<string, OciDescriptor>(StringComparer.Ordinal);
        Collect(root, found, 0);
        return found;
    }

    private void Collect(OciDescriptor descriptor, Dictionary<string, OciDescriptor> found, int depth)
    {
        if (depth > DeepestIndex)
            throw new BrokenImageException($"the index {descriptor.Digest} is nested too deeply");
        if (!Digest.IsValid(descriptor.Digest ?? ""))
            throw new BrokenImageException($"\"{descriptor.Digest}\" is no digest");
        if (!found.TryAdd(descriptor.Digest!, descriptor) || !Has(descriptor.Digest!))
            return;
        if (descriptor.IsIndex)
            foreach (var child in ReadList(descriptor.Digest!).Manifests ?? [])
                Collect(child, found, depth + 1);
        else if (descriptor.IsManifest && ReadManifest(descriptor.Digest!) is var manifest)
            foreach (var child in manifest.Layers.Prepend(manifest.Config))
                Collect(child, found, depth + 1);
    }

    private T Read<T>(string digest, JsonTypeInfo<T> type) => Guard(digest, path => Read(path, type, digest));

    private T Guard<T>(string digest, Func<string, T> read)
    {
        if (!Has(digest))
            throw new BrokenImageException($"the blob {digest} is missing");
        try
        {
            return read(PathOf(digest));
        }
        catch (JsonException)
        {
            throw new BrokenImageException($"the blob {digest} is not the JSON that it should be");
        }
    }

    private static T Read<T>(string path, JsonTypeInfo<T> type, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(ReadBounded(path), type)
                ?? throw new BrokenImageException($"{what} is empty");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BrokenImageException($"{what} cannot be read ({e.GetType().Name})");
        }
    }

    private static byte[] ReadBounded(string path) => new FileInfo(path).Length > LargestManifest
        ? throw new BrokenImageException($"{Path.GetFileName(path)} is larger than any manifest")
        : File.ReadAllBytes(path);

    /// <summary>Nobody ever sees half of it.</summary>
    private void WriteWhole(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        var hidden = $"{path}.{Environment.ProcessId}.new";
        File.WriteAllBytes(hidden, content);
        File.Move(hidden, path, overwrite: true);
    }
}

/// <summary>An image that is not what it should be; the message says what is wrong with what of it.</summary>
internal sealed class BrokenImageException(string message) : Exception(message);
