using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Integration.Node;

/// <summary>
/// The images of the node's pods: a small Debian with our program, laid out as <c>Dockerfile.runner</c> does it, and a
/// script in the place of GitHub's listener.
/// </summary>
internal static class NodeImages
{
    public const string Runner = "runnerscaler.test/runner:1";

    private const int User = 1001;
    private const string Ours = "opt/runnerscaler";
    private static readonly string[] Packages = ["curl", "tini"];

    /// <summary>The program in the pod, as <c>dotnet publish</c> leaves it.</summary>
    public static readonly string Program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../publish/RunnerImage", $"release_{RuntimeInformation.RuntimeIdentifier}",
        "runnerscaler-pod"));

    /// <summary>Why they cannot be made here; null when they can.</summary>
    public static string? WhyNot() => File.Exists(Program)
        ? null
        : $"there is no {Program}: dotnet publish src/RunnerImage -c Release -r {RuntimeInformation.RuntimeIdentifier}";

    /// <param name="folder">A folder for the layer; it can go when the images are on the node.</param>
    public static async Task<IReadOnlyList<NodeImage>> MakeAsync(string folder, CancellationToken stop)
    {
        var debian = await DebianLayer.FindOrMakeAsync(Packages, stop);
        var layer = Path.Combine(folder, "runner.tar");
        await WriteLayerAsync(layer);
        return
        [
            new(NodeFiles.PauseImage, [debian], new JsonObject
            {
                ["Entrypoint"] = new JsonArray("/usr/bin/sleep", "infinity"),
            }),
            new(Runner, [debian, layer], new JsonObject
            {
                ["User"] = $"{User}",
                ["WorkingDir"] = "/home/runner",
                ["Env"] = new JsonArray(
                    $"PATH=/{Ours}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "HOME=/home/runner",
                    $"ACTIONS_RUNNER_HOOK_JOB_STARTED=/{Ours}/hooks/job-started.sh",
                    $"ACTIONS_RUNNER_HOOK_JOB_COMPLETED=/{Ours}/hooks/job-completed.sh"),
                ["Entrypoint"] = new JsonArray("tini", "--", $"/{Ours}/bin/runnerscaler-entrypoint"),
            }),
        ];
    }

    private static async Task WriteLayerAsync(string path)
    {
        await using var layer = new LayerFile(path);
        await layer.AddTextAsync("etc/passwd", $"""
            root:x:0:0:root:/root:/bin/sh
            runner:x:{User}:{User}::/home/runner:/bin/sh

            """);
        await layer.AddTextAsync("etc/group", $"root:x:0:\nrunner:x:{User}:\n");
        await layer.AddFolderAsync("home/runner", User);
        await layer.AddFolderAsync("run/runnerscaler", User);
        await layer.AddProgramAsync("home/runner/bin/Runner.Listener", await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Node", "listener.sh")));
        await layer.AddProgramFileAsync($"{Ours}/bin/runnerscaler-pod", Program);
        await layer.AddLinkAsync($"{Ours}/bin/runnerscaler-entrypoint", "runnerscaler-pod");
        foreach (var hook in (string[])["job-started", "job-completed"])
            await layer.AddProgramAsync(
                $"{Ours}/hooks/{hook}.sh", $"#!/bin/sh\nexec /{Ours}/bin/runnerscaler-pod {hook}\n");
    }
}
