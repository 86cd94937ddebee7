using System.Text.Json.Nodes;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Integration.Node;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Integration.Sidecar;

/// <summary>
/// The images of a pod with a sidecar, from Debian's packages: BuildKit's as its rootless one is laid out, and a
/// runner's as <c>Dockerfile.runner</c> lays it out, with a script in the place of GitHub's listener.
/// </summary>
internal static class SidecarImages
{
    public const string Runner = "runnerscaler.test/building-runner:1";
    public const string BuildKit = "runnerscaler.test/rootless-buildkit:1";

    /// <summary>The script of a job that builds and pushes.</summary>
    public const string BuildsJob = "builds";

    /// <summary>The script of a job that does more with images.</summary>
    public const string ImagesJob = "images";

    private const int RunnerUser = 1001;
    private const int User = 1000;
    private const string Ours = "opt/runnerscaler";
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] Packages = ["busybox-static", "curl", "runc", "tini", "uidmap"];
    private static readonly string[] Builders = ["rootlesskit", "buildkitd", "buildctl"];

    /// <summary>Why they cannot be made here; null when they can.</summary>
    public static string? WhyNot() =>
        NodeImages.WhyNot() ?? ModernAssets.WhyNot([.. Builders, "docker", "docker-buildx"]);

    /// <param name="folder">A folder for the layers; it can go when the images are on the node.</param>
    public static async Task<IReadOnlyList<NodeImage>> MakeAsync(string folder, CancellationToken stop)
    {
        var debian = await DebianLayer.FindOrMakeAsync(Packages, stop);
        await WriteRunnerAsync(In("runner.tar"));
        await WriteBuilderAsync(In("builder.tar"));
        await WriteMappersAsync(debian, In("mappers"), In("mappers.tar"));
        return
        [
            new(NodeFiles.PauseImage, [debian], new JsonObject
            {
                ["Entrypoint"] = new JsonArray("/usr/bin/sleep", "infinity"),
            }),
            new(BuildKit, [debian, In("builder.tar"), In("mappers.tar")], new JsonObject
            {
                ["User"] = $"{User}:{User}",
                ["Env"] = new JsonArray(
                    $"PATH={SearchPath}", "HOME=/home/user", "USER=user", $"XDG_RUNTIME_DIR=/run/user/{User}",
                    "TMPDIR=/home/user/.local/tmp", $"BUILDKIT_HOST=unix:///run/user/{User}/buildkit/buildkitd.sock"),
                ["Entrypoint"] = new JsonArray("rootlesskit", "buildkitd"),
            }),
            new(Runner, [debian, In("runner.tar")], new JsonObject
            {
                ["User"] = $"{RunnerUser}:{RunnerUser}",
                ["WorkingDir"] = "/home/runner",
                ["Env"] = new JsonArray(
                    $"PATH=/{Ours}/bin:{SearchPath}", "HOME=/home/runner", "BUILDX_BUILDER=runnerscaler",
                    "BUILDX_CONFIG=/home/runner/.docker/buildx",
                    $"ACTIONS_RUNNER_HOOK_JOB_STARTED=/{Ours}/hooks/job-started.sh",
                    $"ACTIONS_RUNNER_HOOK_JOB_COMPLETED=/{Ours}/hooks/job-completed.sh"),
                ["Entrypoint"] = new JsonArray("tini", "--", $"/{Ours}/bin/runnerscaler-entrypoint"),
            }),
        ];

        string In(string name) => Path.Combine(folder, name);
    }

    private static async Task WriteRunnerAsync(string path)
    {
        await using var layer = new LayerFile(path);
        await layer.AddTextAsync("etc/passwd", $"""
            root:x:0:0:root:/root:/bin/sh
            runner:x:{RunnerUser}:{RunnerUser}::/home/runner:/bin/sh

            """);
        await layer.AddTextAsync("etc/group", $"root:x:0:\nrunner:x:{RunnerUser}:\n");
        foreach (var owned in (string[])[
            "home/runner", "home/runner/.docker", "home/runner/.docker/buildx", "home/runner/.docker/buildx/instances",
            "run/runnerscaler"])
            await layer.AddFolderAsync(owned, RunnerUser);
        var shipped = Path.Combine(Example.Root, "deploy/images/runner");
        await layer.AddTextAsync(
            "home/runner/.docker/config.json",
            await File.ReadAllTextAsync(Path.Combine(shipped, "docker/config.json")), RunnerUser);
        await layer.AddTextAsync(
            "home/runner/.docker/buildx/instances/runnerscaler",
            await File.ReadAllTextAsync(Path.Combine(shipped, "docker/buildx/instances/runnerscaler")),
            RunnerUser);
        await layer.AddProgramFileAsync(
            "home/runner/bin/Runner.Listener",
            Path.Combine(AppContext.BaseDirectory, "Sidecar", "listener.sh"));
        foreach (var job in (string[])[BuildsJob, ImagesJob])
            await layer.AddProgramFileAsync(
                $"home/runner/jobs/{job}.sh", Path.Combine(AppContext.BaseDirectory, "Sidecar", $"job-{job}.sh"));
        await layer.AddTextAsync("home/runner/app/Dockerfile", await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Sidecar", "app.dockerfile")));
        await layer.AddProgramFileAsync($"{Ours}/bin/runnerscaler-pod", NodeImages.Program);
        foreach (var name in (string[])["runnerscaler-entrypoint", "docker"])
            await layer.AddLinkAsync($"{Ours}/bin/{name}", "runnerscaler-pod");
        await layer.AddLinkAsync($"{Ours}/cli-plugins/docker-buildx", "../bin/runnerscaler-pod");
        await layer.AddProgramFileAsync($"{Ours}/real/docker-buildx", ModernAssets.PathOf("docker-buildx"));
        await layer.AddProgramFileAsync("usr/bin/docker", ModernAssets.PathOf("docker"));
        foreach (var hook in (string[])["job-started", "job-completed"])
            await layer.AddProgramFileAsync(
                $"{Ours}/hooks/{hook}.sh", Path.Combine(shipped, $"hooks/{hook}.sh"));
    }

    private static async Task WriteBuilderAsync(string path)
    {
        await using var layer = new LayerFile(path);
        await layer.AddTextAsync("etc/passwd", $"""
            root:x:0:0:root:/root:/bin/sh
            user:x:{User}:{User}::/home/user:/bin/sh

            """);
        await layer.AddTextAsync("etc/group", $"root:x:0:\nuser:x:{User}:\n");
        foreach (var ids in (string[])["etc/subuid", "etc/subgid"])
            await layer.AddTextAsync(ids, "user:100000:65536\n");
        foreach (var owned in (string[])[
            "home/user", "home/user/.local", "home/user/.local/tmp", "home/user/.local/share",
            "home/user/.local/share/buildkit", $"run/user/{User}"])
            await layer.AddFolderAsync(owned, User);
        foreach (var program in Builders)
            await layer.AddProgramFileAsync($"usr/bin/{program}", ModernAssets.PathOf(program));
    }

    /// <summary>
    /// Debian marks these programs to run as root, who in a container may not write another's map; with rights of
    /// their own, as upstream's image has them, they may.
    /// </summary>
    private static async Task WriteMappersAsync(string debian, string folder, string path)
    {
        Directory.CreateDirectory(folder);
        await Command.RunAsync(
            "tar", "--extract", "--file", debian, "--directory", folder, "./usr/bin/newuidmap", "./usr/bin/newgidmap");
        foreach (var (program, right) in new[] { ("newuidmap", "cap_setuid"), ("newgidmap", "cap_setgid") })
        {
            var file = Path.Combine(folder, "usr/bin", program);
            await Command.RunAsync("chmod", "0755", file);
            await Command.RunAsync("setcap", $"{right}=ep", file);
        }
        await Command.RunAsync(
            "tar", "--create", "--file", path, "--numeric-owner", "--xattrs", "--xattrs-include=security.capability",
            "--directory", folder, "./usr/bin/newuidmap", "./usr/bin/newgidmap");
    }
}
