using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Box;

namespace RunnerScaler.Integration.Chart;

/// <summary>
/// The controller's image for a node without a registry, laid out as <c>Dockerfile</c> does it: the program that
/// <see cref="ControllerProgram"/> chooses, on the .NET that runs the tests unless it is native code. A second release
/// differs in one rule of the definition that it carries.
/// </summary>
internal static class ControllerImage
{
    /// <summary>The registry that the chart is given.</summary>
    public const string Registry = "runnerscaler.test";

    /// <summary>A rule of the definition, and what the second release has in its place: of the same length.</summary>
    public const int FirstLimit = 10_000;

    /// <inheritdoc cref="FirstLimit"/>
    public const int SecondLimit = 20_000;

    private static readonly string program = ControllerProgram.Native is null ? "RunnerScaler.dll" : "RunnerScaler";

    private static string Name(int release) => $"{Registry}/runnerscaler:{release}";

    /// <param name="folder">A folder for the layers.</param>
    /// <param name="debian">The lowest layer.</param>
    public static async Task<IReadOnlyList<NodeImage>> MakeAsync(string folder, string debian)
    {
        var dotnet = Path.Combine(folder, "dotnet.tar");
        if (ControllerProgram.Native is null)
            await WriteDotnetAsync(dotnet);
        var images = new List<NodeImage>();
        foreach (var release in (int[])[1, 2])
        {
            var app = Path.Combine(folder, $"app{release}.tar");
            await WriteAppAsync(app, release);
            string[] layers = ControllerProgram.Native is null ? [debian, dotnet, app] : [debian, app];
            images.Add(new(Name(release), layers, new JsonObject
            {
                ["User"] = "1654:1654",
                ["WorkingDir"] = "/app",
                ["Env"] = new JsonArray("DOTNET_EnableDiagnostics=0", "DOTNET_EnableWriteXorExecute=0"),
                ["Entrypoint"] = ControllerProgram.Native is null
                    ? new JsonArray("/usr/share/dotnet/dotnet", $"/app/{program}")
                    : new JsonArray($"/app/{program}"),
            }));
        }
        return images;
    }

    private static async Task WriteDotnetAsync(string path)
    {
        var framework = new DirectoryInfo(Path.GetDirectoryName(typeof(object).Assembly.Location)!);
        var root = framework.Parent!.Parent!.Parent!.FullName;
        await using var layer = new LayerFile(path);
        foreach (var part in (string[])[
            "dotnet", $"host/fxr/{framework.Name}", $"shared/Microsoft.NETCore.App/{framework.Name}",
            $"shared/Microsoft.AspNetCore.App/{framework.Name}"])
            foreach (var file in FilesOf(Path.Combine(root, part)))
                await layer.AddProgramFileAsync($"usr/share/dotnet/{Path.GetRelativePath(root, file)}", file);
    }

    private static IEnumerable<string> FilesOf(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
        : [path];

    private static async Task WriteAppAsync(string path, int release)
    {
        await using var layer = new LayerFile(path);
        await layer.AddFolderAsync("app");
        foreach (var file in Files())
            if (release == 1 || Path.GetFileName(file) != program)
                await layer.AddProgramFileAsync($"app/{Path.GetFileName(file)}", file);
            else
            {
                var changed = Path.Combine(Path.GetDirectoryName(path)!, $"{program}.{release}");
                await File.WriteAllBytesAsync(changed, Changed(await File.ReadAllBytesAsync(file)));
                await layer.AddProgramFileAsync($"app/{program}", changed);
            }
    }

    private static IEnumerable<string> Files()
    {
        if (ControllerProgram.Native is { } native)
            return [native];
        var bin = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var built = Path.Combine(bin.Parent!.Parent!.FullName, "RunnerScaler", bin.Name);
        return Directory.EnumerateFiles(built).Where(f => f.EndsWith(".dll") || f.EndsWith(".json"));
    }

    // Resources lie in the program as they are.
    private static byte[] Changed(byte[] program)
    {
        var old = Encoding.ASCII.GetBytes($"maximum: {FirstLimit}\n");
        var (at, count) = (0, 0);
        for (; program.AsSpan(at).IndexOf(old) is >= 0 and var next; count++)
        {
            at += next + old.Length;
            Encoding.ASCII.GetBytes($"maximum: {SecondLimit}\n").CopyTo(program, at - old.Length);
        }
        Assert.NotEqual(0, count);
        return program;
    }
}
