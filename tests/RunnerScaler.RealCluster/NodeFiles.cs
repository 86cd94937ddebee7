namespace RunnerScaler.RealCluster;

/// <summary>The configuration of a node's programs: all in folders of their own, nothing from the machine's.</summary>
internal static class NodeFiles
{
    /// <summary>The image that holds a pod's namespaces open.</summary>
    public const string PauseImage = "runnerscaler.test/pause:1";

    /// <param name="space">Where it is to run.</param>
    /// <param name="plugins">The folder of the network's plugins.</param>
    /// <param name="runc">The program that runs containers.</param>
    /// <remarks>Scores for the out-of-memory killer are left alone where root may not lower them.</remarks>
    public static string Containerd(NodeSpace space, string plugins, string runc) => $"""
        version = 2
        root = "{space.In("containerd")}"
        state = "/run/containerd"
        disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs",
          "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
          "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp"]
        [grpc]
          address = "{Socket(space)}"
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "{PauseImage}"
          restrict_oom_score_adj = true
          disable_apparmor = true
          tolerate_missing_hugetlb_controller = true
          stream_server_address = "127.0.0.1"
          [plugins."io.containerd.grpc.v1.cri".registry]
            config_path = "{Registries(space)}"
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "{plugins}"
            conf_dir = "{space.In("cni")}"
          [plugins."io.containerd.grpc.v1.cri".containerd]
            default_runtime_name = "runc"
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
              runtime_type = "io.containerd.runc.v2"
              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                BinaryName = "{runc}"
                SystemdCgroup = false
        """;

    /// <summary>Pods reach this machine and each other, and nothing else: they have no other route.</summary>
    public static string Network(NodeSpace space) => $$"""
        {"cniVersion": "0.4.0", "name": "{{space.Name}}", "plugins": [
          {"type": "bridge", "bridge": "{{space.Name}}", "isGateway": false, "ipMasq": false,
           "ipam": {"type": "host-local", "dataDir": "/run/addresses",
                    "ranges": [[{"subnet": "{{space.Subnet.Range}}", "rangeStart": "{{space.Subnet.FirstPod}}"}]] } }] }
        """;

    public static string Kubelet(NodeSpace space, KubeRelease release) => $$"""
        {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
         "enableServer": false, "healthzPort": 0,
         "authentication": {"anonymous": {"enabled": false}, "webhook": {"enabled": false} },
         "authorization": {"mode": "AlwaysAllow"},
         "cgroupDriver": "cgroupfs", "cgroupRoot": "/{{space.Name}}", "enforceNodeAllocatable": [],
         "failSwapOn": false, "makeIPTablesUtilChains": false, "oomScoreAdj": 0,
         "resolvConf": "{{space.In("resolv.conf")}}",
         "nodeStatusUpdateFrequency": "1s", "syncFrequency": "1s",
         "evictionHard": {"memory.available": "0%", "nodefs.available": "0%", "nodefs.inodesFree": "0%",
                          "imagefs.available": "0%"},
         "imageGCHighThresholdPercent": 100, "maxPods": 40{{release.KubeletSettings}}}
        """;

    /// <summary>
    /// How registries are reached: https://github.com/containerd/containerd/blob/main/docs/hosts.md.
    /// </summary>
    public static string Registries(NodeSpace space) => space.In("registries");

    public static string Socket(NodeSpace space) => space.In("containerd.sock");

    /// <summary>Those of the container runtime alone.</summary>
    public static void WriteRuntime(NodeSpace space, string plugins, string runc)
    {
        Directory.CreateDirectory(Registries(space));
        Directory.CreateDirectory(space.In("cni"));
        File.WriteAllText(space.In("containerd.toml"), Containerd(space, plugins, runc));
        File.WriteAllText(space.In("cni/10-pods.conflist"), Network(space));
    }

    public static void Write(NodeSpace space, KubeRelease release)
    {
        WriteRuntime(space, "/usr/lib/cni", "runc");
        File.WriteAllText(space.In("kubelet.json"), Kubelet(space, release));
        File.WriteAllText(space.In("resolv.conf"), "");
    }
}
