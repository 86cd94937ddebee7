using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Bench.Images;

/// <summary>A registry, a BuildKit and a Docker daemon, in a folder of their own.</summary>
internal sealed class ImagePrograms : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<ChildProgram> programs = [];
    private readonly string folder;
    private readonly TimeProvider time;

    private ImagePrograms(string folder, TimeProvider time)
    {
        this.folder = folder;
        this.time = time;
    }

    /// <summary>BuildKit's address.</summary>
    public string BuildKit => $"unix://{In("buildkitd.sock")}";

    /// <summary>The daemon's address.</summary>
    public string Docker => $"unix://{In("docker.sock")}";

    /// <summary>The registry's address.</summary>
    public IPEndPoint Registry { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Why they cannot run here; null when they can.</summary>
    public static string? WhyNot()
    {
        if (!Environment.IsPrivilegedProcess)
            return "a Docker daemon and a BuildKit need root";
        return ModernAssets.WhyNot("buildkitd", "runc", "docker", "docker-buildx")
            ?? (FindRegistry() is null ? "this needs Debian's package docker-registry" : null);
    }

    /// <param name="folder">Where they keep what they have.</param>
    /// <param name="packages">Where Debian's packages of Docker are unpacked.</param>
    public static async Task<ImagePrograms> StartAsync(
        string folder, string packages, TimeProvider time, CancellationToken cancel)
    {
        var programs = new ImagePrograms(folder, time);
        try
        {
            await programs.StartRegistryAsync(cancel);
            await programs.StartBuildKitAsync(cancel);
            await programs.StartDockerAsync(packages, cancel);
            return programs;
        }
        catch
        {
            await programs.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = programs.Count - 1; i >= 0; i--)
            await programs[i].DisposeAsync();
    }

    private async Task StartRegistryAsync(CancellationToken cancel)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Registry = (IPEndPoint)free.LocalEndpoint;
        }

        await File.WriteAllTextAsync(In("registry.yml"), string.Create(CultureInfo.InvariantCulture, $$"""
            version: 0.1
            log: { accesslog: { disabled: true } }
            storage: { filesystem: { rootdirectory: {{In("registry")}} } }
            http: { addr: "{{Registry}}" }

            """), cancel);
        await StartAsync(Registry, [FindRegistry()!, "serve", In("registry.yml")], cancel);
    }

    private async Task StartBuildKitAsync(CancellationToken cancel)
    {
        await File.WriteAllTextAsync(In("buildkitd.toml"), $"""
            root = "{In("buildkit")}"
            [worker.oci]
              snapshotter = "overlayfs"
              binary = "{ModernAssets.PathOf("runc")}"
            [worker.containerd]
              enabled = false
            """, cancel);
        await StartAsync(new UnixDomainSocketEndPoint(In("buildkitd.sock")),
            [ModernAssets.PathOf("buildkitd"), "--config", In("buildkitd.toml"), "--addr", BuildKit], cancel);
    }

    private async Task StartDockerAsync(string packages, CancellationToken cancel)
    {
        await File.WriteAllTextAsync(In("containerd.toml"), $"""
            version = 2
            root = "{In("containerd")}"
            state = "{In("containerd-state")}"
            [grpc]
              address = "{In("containerd.sock")}"
            """, cancel);
        var path = $"PATH={packages}/usr/sbin:{packages}/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        await StartAsync(new UnixDomainSocketEndPoint(In("containerd.sock")),
            ["env", path, $"{packages}/usr/bin/containerd", "--config", In("containerd.toml")], cancel);
        await StartAsync(new UnixDomainSocketEndPoint(In("docker.sock")),
            ["env", path, $"{packages}/usr/sbin/dockerd", "--data-root", In("docker"), "--exec-root",
                In("docker-state"), "--pidfile", In("docker.pid"), "--host", Docker, "--containerd",
                In("containerd.sock"), "--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver",
                "overlay2"], cancel);
    }

    private async Task StartAsync(EndPoint address, string[] command, CancellationToken cancel)
    {
        var child = ChildProgram.Start(command[0], command[1..]);
        programs.Add(child);
        var began = time.GetTimestamp();
        while (!Listens(address))
        {
            if (child.HasExited || time.GetElapsedTime(began) > Patience)
                throw new InvalidOperationException(
                    $"{string.Join(' ', command)} does not listen at {address}:\n{child.LastOutput}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancel);
        }
    }

    private static bool Listens(EndPoint address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string? FindRegistry() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(f => Path.Combine(f, "docker-registry")).FirstOrDefault(File.Exists);

    private string In(string name) => Path.Combine(folder, name);
}
