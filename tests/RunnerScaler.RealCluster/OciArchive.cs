using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.RealCluster;

/// <summary>An image to put on a node without a registry.</summary>
/// <param name="Name">Its full name, as a pod has it.</param>
/// <param name="Layers">Files of uncompressed tar archives, the lowest first.</param>
/// <param name="Settings">The <c>config</c> part of the OCI image: <c>Entrypoint</c>, <c>Env</c>, <c>User</c>.</param>
internal sealed record NodeImage(string Name, IReadOnlyList<string> Layers, JsonObject Settings);

/// <summary>Packs images into one archive in the OCI layout; a layer that several share is in it once.</summary>
internal static class OciArchive
{
    private const string Types = "application/vnd.oci.image";

    public static async Task WriteAsync(string path, IEnumerable<NodeImage> images, CancellationToken stop)
    {
        await using var file = File.Create(path);
        await using var tar = new TarWriter(file);
        await AddAsync(tar, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray(), stop);
        var layers = new Dictionary<string, JsonObject>();
        var manifests = new JsonArray();
        foreach (var image in images)
        {
            foreach (var layer in image.Layers.Where(l => !layers.ContainsKey(l)))
                layers[layer] = await AddLayerAsync(tar, layer, stop);
            var parts = image.Layers.Select(l => layers[l]).ToList();
            var config = await AddJsonAsync(tar, $"{Types}.config.v1+json", Config(image, parts), stop);
            var manifest = await AddJsonAsync(tar, $"{Types}.manifest.v1+json", new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = $"{Types}.manifest.v1+json",
                ["config"] = config,
                ["layers"] = new JsonArray([.. parts.Select(p => p.DeepClone())]),
            }, stop);
            manifest["annotations"] = new JsonObject { ["io.containerd.image.name"] = image.Name };
            manifests.Add((JsonNode)manifest);
        }
        var index = new JsonObject { ["schemaVersion"] = 2, ["manifests"] = manifests };
        await AddAsync(tar, "index.json", JsonSerializer.SerializeToUtf8Bytes(index), stop);
    }

    private static JsonObject Config(NodeImage image, IEnumerable<JsonObject> layers) => new()
    {
        ["architecture"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
        ["os"] = "linux",
        ["config"] = image.Settings.DeepClone(),
        ["rootfs"] = new JsonObject
        {
            ["type"] = "layers",
            ["diff_ids"] = new JsonArray([.. layers.Select(l => l["digest"]!.DeepClone())]),
        },
    };

    private static async Task<JsonObject> AddLayerAsync(TarWriter tar, string path, CancellationToken stop)
    {
        string hash;
        await using (var content = File.OpenRead(path))
            hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, stop));
        await tar.WriteEntryAsync(path, $"blobs/sha256/{hash}", stop);
        return Descriptor($"{Types}.layer.v1.tar", hash, new FileInfo(path).Length);
    }

    private static async Task<JsonObject> AddJsonAsync(
        TarWriter tar, string type, JsonObject value, CancellationToken stop)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await AddAsync(tar, $"blobs/sha256/{hash}", bytes, stop);
        return Descriptor(type, hash, bytes.Length);
    }

    private static JsonObject Descriptor(string type, string hash, long size) =>
        new() { ["mediaType"] = type, ["digest"] = $"sha256:{hash}", ["size"] = size };

    private static Task AddAsync(TarWriter tar, string name, byte[] content, CancellationToken stop) =>
        tar.WriteEntryAsync(
            new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) }, stop);
}
