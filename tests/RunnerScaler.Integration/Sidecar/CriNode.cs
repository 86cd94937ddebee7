using System.Text.Json.Nodes;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Integration.Sidecar.Runtime;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Sidecar;

/// <summary>
/// Today's containerd and runc in a place of their own, and what of a kubelet a pod with a sidecar needs: there is no
/// kubelet of today to be had where the tests run.
/// </summary>
internal sealed class CriNode : IAsyncDisposable
{
    private const string Containerd = "containerd";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly CriClient client;

    private CriNode(NodeSpace space)
    {
        Space = space;
        client = new CriClient(NodeFiles.Socket(space));
    }

    public NodeSpace Space { get; }

    public RuntimeService.RuntimeServiceClient Runtime => client.Runtime;

    private static string CniFolder => Path.GetFullPath(ModernAssets.PathOf("../cni"));

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? WhyNot()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return "a container runtime needs Linux and root";
        if (ModernAssets.WhyNot(Containerd, "ctr", "containerd-shim-runc-v2", "runc", "../cni/bridge") is { } reason)
            return reason;
        return File.Exists("/sys/fs/cgroup/memory/tasks")
            ? null
            : "this place for a node needs control groups of version 1 at /sys/fs/cgroup";
    }

    /// <param name="images">All that its pods will use, and <see cref="NodeFiles.PauseImage"/>.</param>
    public static async Task<CriNode> StartAsync(IReadOnlyList<NodeImage> images, CancellationToken stop)
    {
        var node = new CriNode(await NodeSpace.OpenAsync("cri", TimeProvider.System, stop));
        try
        {
            await node.BringUpAsync(images, stop);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a pod: sidecars first, and then the rest of it.</summary>
    /// <param name="pod">With a name and a uid.</param>
    /// <param name="token">What its service account token is.</param>
    public async Task<CriPod> RunAsync(JsonObject pod, string token, CancellationToken stop)
    {
        var folder = Directory.CreateDirectory(Space.In($"pods/{pod.Text("metadata", "uid")}")).FullName;
        var started = new CriPod(this, pod, folder, Space.In("seccomp"));
        await started.StartAsync(token, stop);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Space.DisposeAsync();
    }

    private async Task BringUpAsync(IReadOnlyList<NodeImage> images, CancellationToken stop)
    {
        NodeFiles.WriteRuntime(Space, CniFolder, ModernAssets.PathOf("runc"));
        var profiles = Directory.CreateDirectory(Space.In("seccomp/profiles")).FullName;
        File.Copy(
            Path.Combine(Example.Root, "deploy/builder/seccomp.json"),
            Path.Combine(profiles, "runnerscaler-buildkit.json"));
        var path = $"{Path.GetDirectoryName(ModernAssets.PathOf(Containerd))}:/usr/sbin:/usr/bin:/sbin:/bin";
        Space.Start(
            Containerd, "env", $"PATH={path}", ModernAssets.PathOf(Containerd), "--config",
            Space.In("containerd.toml"));
        var archive = Space.In("images.tar");
        await OciArchive.WriteAsync(archive, images, stop);
        await UntilItServesAsync(stop);
        await Command.RunAsync(
            ModernAssets.PathOf("ctr"), "--address", NodeFiles.Socket(Space), "--namespace", "k8s.io", "images",
            "import", archive);
        File.Delete(archive);
    }

    private async Task UntilItServesAsync(CancellationToken stop)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!File.Exists(NodeFiles.Socket(Space)))
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new InvalidOperationException($"containerd has no socket:\n{Space.LogOf(Containerd)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, stop);
        }
        await Runtime.VersionAsync(new(), cancellationToken: stop);
    }
}
