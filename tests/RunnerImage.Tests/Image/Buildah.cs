using System.Text.Json;

namespace RunnerImage.Tests.Image;

/// <summary>buildah, with images of its own that go when it is disposed.</summary>
internal sealed class Buildah(string folder) : IAsyncDisposable
{
    private readonly string[] options =
    [
        "--root", Path.Combine(folder, "images"), "--runroot", Path.Combine(folder, "run"),
        "--storage-driver", "overlay",
    ];

    private readonly string policy = Path.Combine(folder, "policy.json");

    /// <summary>Why images cannot be built and run here, in a sentence; null if they can.</summary>
    public static string? Missing { get; } =
        Environment.UserName != "root" ? "images are built and run as root only"
        : Absent("buildah", "runc", "tini-static", "gcc") is { Length: > 0 } absent
            ? $"install {string.Join(", ", absent)} (Debian's packages buildah, runc, tini, gcc, zlib1g-dev)"
            : null;

    /// <summary>Makes the image of a stand-in: see <c>stand-in.sh</c>.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="name">A name that no other has.</param>
    /// <param name="files">What it holds besides: from places in the image to files of this machine.</param>
    /// <returns>The image's name.</returns>
    public async Task<string> StandInAsync(string kind, string name, params (string Place, string File)[] files)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(policy, """{"default": [{"type": "insecureAcceptAnything"}]}""");
        var (container, root) = await MountAsync("scratch");
        await Tool.RunAsync("bash", Source.Path("tests/RunnerImage.Tests/Image/stand-in.sh"), kind, root);
        foreach (var (place, file) in files)
            await Tool.RunAsync("bash", "-c", "mkdir -p \"$(dirname \"$2\")\" && cp -r \"$1\" \"$2\"", "copy", file,
                root + place);
        // As GitHub's base image has it.
        if (kind == "runner")
            await RunAsync("config", "--env", "ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT=1", container);
        name = $"localhost/stand-in-{name}";
        await RunAsync("commit", "--quiet", "--rm", "--signature-policy", policy, container, name);
        return name;
    }

    /// <summary>Builds a Dockerfile of the repository.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it printed.</exception>
    public async Task BuildAsync(string name, string file, params string[] arguments) => await RunAsync(
        ["build", "--signature-policy", policy, "--isolation", "chroot", "--layers=false", "--file", Source.Path(file),
            "--tag", name, .. arguments.SelectMany(a => new[] { "--build-arg", a }), Source.Root]);

    /// <summary>A container of an image, and where its files are.</summary>
    public async Task<(string Container, string Root)> MountAsync(string image)
    {
        var container = (await RunAsync("from", "--signature-policy", policy, image)).Trim();
        return (container, (await RunAsync("mount", container)).Trim());
    }

    public async Task<ImageConfig> InspectAsync(string image)
    {
        using var json = JsonDocument.Parse(await RunAsync("inspect", "--type", "image", image));
        return ImageConfig.Read(json.RootElement.GetProperty("OCIv1").GetProperty("config"));
    }

    /// <summary>The size in bytes, unpacked, of all layers of an image together.</summary>
    public async Task<long> SizeAsync(string image)
    {
        using var json = JsonDocument.Parse(await RunAsync("inspect", "--type", "image", image));
        var layers = json.RootElement.GetProperty("OCIv1").GetProperty("rootfs").GetProperty("diff_ids")
            .EnumerateArray().Select(id => id.GetString()).ToArray();
        using var known = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(folder, "images", "overlay-layers", "layers.json")));
        return known.RootElement.EnumerateArray()
            .Where(l => l.TryGetProperty("diff-digest", out var id) && layers.Contains(id.GetString()))
            .DistinctBy(l => l.GetProperty("diff-digest").GetString())
            .Sum(l => l.GetProperty("diff-size").GetInt64());
    }

    public async ValueTask DisposeAsync()
    {
        if (!Directory.Exists(folder))
            return;
        await Tool.TryAsync("buildah", [.. options, "rm", "--all"]);
        await Tool.TryAsync("buildah", [.. options, "rmi", "--all", "--force"]);
        await Tool.TryAsync("bash", "-c", "umount \"$1\"/images/overlay 2>/dev/null; rm -rf \"$1\"", "clean", folder);
    }

    private Task<string> RunAsync(params string[] arguments) => Tool.RunAsync("buildah", [.. options, .. arguments]);

    private static string[] Absent(params string[] programs) => [.. programs.Where(p => Tool.Find(p) is null)];
}

/// <summary>What an image says of how it is started.</summary>
internal sealed record ImageConfig(
    string User, IReadOnlyList<string> Command, IReadOnlyList<string> Environment, string Folder,
    IReadOnlyDictionary<string, string> Labels)
{
    public static ImageConfig Read(JsonElement config) => new(
        config.GetProperty(nameof(User)).GetString()!,
        [.. Texts(config, "Entrypoint"), .. Texts(config, "Cmd")],
        Texts(config, "Env"),
        config.GetProperty("WorkingDir").GetString()!,
        config.GetProperty(nameof(Labels)).EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString()!));

    private static string[] Texts(JsonElement config, string name) =>
        config.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(t => t.GetString()!)]
            : [];
}
