using System.Net;
using k8s;
using RunnerScaler.Sandbox.Cluster.Nodes;

namespace RunnerScaler.RealCluster;

/// <summary>
/// A whole cluster of one real node on this machine: <see cref="RealApiServer"/> with controllers, scheduler, kubelet,
/// containerd and runc: Debian's packages, or any newer release. Pods reach this machine at <see cref="HostAddress"/>
/// and <see cref="SecondAddress"/>, and nothing else. Its images are brought along. Ready in some ten seconds; about
/// 0.6 GB.
/// </summary>
internal sealed class RealNode : IAsyncDisposable
{
    public const string Name = "node-1";

    /// <summary>The controller as an installation has it: it may do what it is given, and nothing else.</summary>
    public const string Controller = "system:serviceaccount:runnerscaler:runnerscaler";

    private const string Containerd = "containerd";
    private const string KubeletName = "kubelet";
    private const string Scheduler = "system:kube-scheduler";
    private const string Controllers = "controllers";
    private const string Node = $"system:node:{Name}";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Dictionary<string, string> Users = new()
    {
        [Node] = "system:nodes",
        [Scheduler] = "system:authenticated",
        [Controllers] = "system:masters",
        [Controller] = "system:authenticated",
    };

    private readonly TimeProvider time;
    private readonly NodeSpace space;
    private readonly List<ChildProgram> programs = [];
    private k8s.Kubernetes? client;

    private RealNode(NodeSpace space, RealApiServer server, KubeRelease release, TimeProvider time) =>
        (this.space, Server, Release, this.time) = (space, server, release, time);

    public RealApiServer Server { get; }

    /// <summary>The kubelet's.</summary>
    public KubeRelease Release { get; }

    /// <summary>This machine, as pods see it.</summary>
    public IPAddress HostAddress => space.Subnet.Host;

    /// <summary>This machine under another address, for a second server on the same port.</summary>
    public IPAddress SecondAddress => space.Subnet.Second;

    /// <summary>The kubelet's folder: its seccomp profiles are in <c>seccomp</c>.</summary>
    public string KubeletFolder => space.In(KubeletName);

    /// <summary>A folder for each registry that pods' images may come from, by host.</summary>
    public string RegistriesFolder => NodeFiles.Registries(space);

    /// <summary>How long it took until pods could be run.</summary>
    public TimeSpan BringUp { get; private set; }

    private static string Assets => Environment.GetEnvironmentVariable(RealApiServer.AssetsVariable)!;

    /// <summary>Why there can be no real node here; null when there can.</summary>
    public static string? WhyNot()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return "a real node needs Linux and root";
        if (RealApiServer.WhyNot("kube-controller-manager", "kube-scheduler", "kubelet") is { } reason)
            return reason;
        if (!File.Exists("/sys/fs/cgroup/memory/tasks"))
            return "this kubelet needs control groups of version 1 at /sys/fs/cgroup";
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var missing = ((string[])["containerd", "ctr", "runc", "ip", "nsenter", "unshare", "debootstrap"])
            .Where(p => !path.Any(folder => File.Exists(Path.Combine(folder, p)))).ToList();
        if (!File.Exists("/usr/lib/cni/bridge"))
            missing.Add("/usr/lib/cni/bridge");
        return missing.Count == 0
            ? null
            : $"a real node needs {string.Join(", ", missing)}: on Debian 12, install containerd, runc, iproute2, "
              + "containernetworking-plugins and debootstrap";
    }

    /// <param name="images">All images that its pods will use, and one named
    /// <see cref="NodeFiles.PauseImage"/>.</param>
    /// <param name="archives">More of them.</param>
    /// <param name="newerCrds">As those of <see cref="RealApiServer"/>.</param>
    /// <exception cref="InvalidOperationException">A program ended or did not become ready; with its last
    /// output.</exception>
    public static async Task<RealNode> StartAsync(
        TimeProvider time, IReadOnlyList<NodeImage> images, IReadOnlyList<NodeArchive> archives, CancellationToken stop,
        IReadOnlyList<string>? newerCrds = null)
    {
        var start = time.GetTimestamp();
        var serving = RealApiServer.StartAsync(time, Users, hasNodes: true, newerCrds, stop);
        var space = await NodeSpace.OpenAsync("node", time, stop);
        RealApiServer server;
        try
        {
            server = await serving;
        }
        catch
        {
            await space.DisposeAsync();
            throw;
        }
        var node = new RealNode(space, server, await KubeRelease.OfAsync(Path.Combine(Assets, KubeletName)), time);
        try
        {
            await node.BringUpAsync(images, archives, stop);
            node.BringUp = time.GetElapsedTime(start);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>An image of an archive, with its digest.</summary>
    public async Task<string> PinnedAsync(string name) => (await ImagesAsync("ls", "--quiet"))
        .Split('\n').First(image => image.StartsWith($"{name}@", StringComparison.Ordinal));

    /// <summary>Kills the kubelet. Its pods go on.</summary>
    public Task KillKubeletAsync() => space.KillAsync(KubeletName, time);

    public void StartKubelet() => space.Start(
        KubeletName, Path.Combine(Assets, KubeletName), [
        "--config", space.In("kubelet.json"), "--kubeconfig", Config(Node), "--hostname-override", Name,
        "--node-ip", $"{HostAddress}", "--container-runtime-endpoint", $"unix://{NodeFiles.Socket(space)}",
        "--root-dir", KubeletFolder, "--cert-dir", space.In("certificates"),
        "--volume-plugin-dir", space.In("plugins"), .. Release.KubeletFlags(NodeFiles.PauseImage)]);

    /// <summary>The token that the kubelet keeps for a pod, of its first projected volume.</summary>
    public string TokenOf(string podUid)
    {
        var volumes = space.In($"kubelet/pods/{podUid}/volumes/kubernetes.io~projected");
        return File.ReadAllText(Path.Combine(Directory.GetDirectories(space.Inside(volumes)).Single(), "token"));
    }

    /// <summary>The last lines of the node's programs, and of each container that is still there.</summary>
    public string Describe()
    {
        var logs = space.Inside("/var/log/pods");
        var containers = Directory.Exists(logs)
            ? Directory.EnumerateFiles(logs, "*.log", SearchOption.AllDirectories).Select(f =>
                $"--- {f[logs.Length..]}\n{string.Join('\n', File.ReadLines(f).TakeLast(30))}")
            : [];
        return string.Join('\n', (string[])[
            $"--- {KubeletName}\n{space.LogOf(KubeletName)}", $"--- {Containerd}\n{space.LogOf(Containerd)}",
            .. containers]);
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        await space.DisposeAsync();
        foreach (var program in programs)
            await program.DisposeAsync();
        await Server.DisposeAsync();
    }

    private async Task BringUpAsync(
        IReadOnlyList<NodeImage> images, IReadOnlyList<NodeArchive> archives, CancellationToken stop)
    {
        NodeFiles.Write(space, Release);
        space.Start(Containerd, "containerd", "--config", space.In("containerd.toml"));
        foreach (var user in Users.Keys)
            Server.WriteKubeConfig(Config(user), user);
        programs.Add(ChildProgram.Start(Path.Combine(Assets, "kube-controller-manager"), [
            "--kubeconfig", Config(Controllers), "--leader-elect=false", "--secure-port=0",
            .. Release.InsecurePortFlags,
            "--service-account-private-key-file", Server.AccountKeyPath, "--root-ca-file", Server.AuthorityPath,
            "--controllers=namespace,serviceaccount,serviceaccount-token,root-ca-cert-publisher,garbagecollector,"
            + "nodelifecycle,podgc,disruption,deployment,replicaset,statefulset,daemonset,job,endpoint,"
            + "persistentvolume-binder"]));
        programs.Add(ChildProgram.Start(Path.Combine(Assets, "kube-scheduler"), [
            "--kubeconfig", Config(Scheduler), "--leader-elect=false", "--secure-port=0",
            .. Release.InsecurePortFlags]));
        await ImportAsync(images, archives, stop);
        StartKubelet();
        client = KubeHttp.Connect(Server.KubeConfigPath);
        await UntilAsync("the node is not ready", () => IsReadyAsync(client, stop), stop);
    }

    private async Task ImportAsync(
        IReadOnlyList<NodeImage> images, IReadOnlyList<NodeArchive> archives, CancellationToken stop)
    {
        var archive = space.In("images.tar");
        await OciArchive.WriteAsync(archive, images, stop);
        await UntilAsync(
            "containerd has no socket", () => Task.FromResult(File.Exists(NodeFiles.Socket(space))), stop);
        await ImagesAsync("import", archive);
        File.Delete(archive);
        foreach (var (file, name) in archives)
            await ImagesAsync("import", "--digests", "--base-name", name, file);
    }

    private Task<string> ImagesAsync(params IEnumerable<string> arguments) => Command.RunAsync(
        "ctr", ["--address", NodeFiles.Socket(space), "--namespace", "k8s.io", "images", .. arguments]);

    private static async Task<bool> IsReadyAsync(k8s.Kubernetes client, CancellationToken stop)
    {
        var nodes = await client.CoreV1.ListNodeAsync(cancellationToken: stop);
        return nodes.Items.Any(n => n.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true
            && n.Spec.Taints is null or []);
    }

    private async Task UntilAsync(string problem, Func<Task<bool>> holds, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        while (!await holds())
        {
            if (time.GetElapsedTime(start) > Patience || programs.Any(p => p.HasExited))
                throw new InvalidOperationException(
                    $"{problem} after {time.GetElapsedTime(start)}:\n{Describe()}\n"
                    + string.Join('\n', programs.Select(p => p.LastOutput)));
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, stop);
        }
    }

    private string Config(string user) => space.In($"{user.Replace(':', '-')}.kubeconfig");
}
