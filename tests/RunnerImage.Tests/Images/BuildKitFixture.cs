using System.Diagnostics;
using System.Net.Sockets;
using RunnerImage.Tests.Image;

namespace RunnerImage.Tests.Images;

/// <summary>A real BuildKit for the tests of this collection, started at the first use.</summary>
public sealed class BuildKitFixture : IDisposable
{
    /// <summary>The variable that names the folder with today's programs: see CONTRIBUTING.md.</summary>
    private const string AssetsVariable = "RUNNERSCALER_MODERN_ASSETS";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private Process? daemon;

    private static string Assets => Environment.GetEnvironmentVariable(AssetsVariable) ?? "";

    private string Socket => folder["buildkitd.sock"];

    /// <summary>A pod that builds in it; the test is skipped where there can be none.</summary>
    /// <param name="tools">Programs that the test needs besides.</param>
    internal async Task<BuildingPod> OpenAsync(params string[] tools)
    {
        var assets = Assets;
        var missing = ((string[])["buildkitd", "docker", "docker-buildx"])
            .Where(p => !File.Exists(Path.Combine(assets, p)))
            .Concat(tools.Where(t => Tool.Find(t) is null && !File.Exists(Path.Combine(assets, t)))).ToList();
        Assert.SkipWhen(missing.Count > 0,
            $"needs {string.Join(", ", missing)}: see CONTRIBUTING.md for {AssetsVariable} and Debian's packages");
        Assert.SkipUnless(Environment.UserName == "root", "BuildKit needs root here");
        daemon ??= await StartAsync(assets);
        return new BuildingPod(assets, Socket);
    }

    /// <summary>Where a program is that a test has asked for.</summary>
    internal static string PathOf(string tool) => Tool.Find(tool) ?? Path.Combine(Assets, tool);

    public void Dispose()
    {
        if (daemon is not null)
        {
            daemon.Kill();
            daemon.WaitForExit();
            daemon.Dispose();
        }

        folder.Dispose();
    }

    private async Task<Process> StartAsync(string assets)
    {
        await File.WriteAllTextAsync(folder["buildkitd.toml"], $"""
            root = "{folder["root"]}"
            [worker.oci]
              snapshotter = "native"
              binary = "{Path.Combine(assets, "runc")}"
            [worker.containerd]
              enabled = false
            """);
        var start = new ProcessStartInfo("/bin/sh",
            ["-c", "exec \"$0\" --config \"$1\" --addr \"unix://$2\" >\"$3\" 2>&1",
                Path.Combine(assets, "buildkitd"), folder["buildkitd.toml"], Socket, folder["log"]]);
        var process = Process.Start(start)!;
        var began = TimeProvider.System.GetTimestamp();
        while (!Listens())
        {
            if (process.HasExited || TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException(
                    $"buildkitd does not listen:\n{await File.ReadAllTextAsync(folder["log"])}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        return process;
    }

    private bool Listens()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Socket));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>The tests that build for real: one daemon for all of them.</summary>
[CollectionDefinition]
public sealed class BuildKitGroup : ICollectionFixture<BuildKitFixture>;
