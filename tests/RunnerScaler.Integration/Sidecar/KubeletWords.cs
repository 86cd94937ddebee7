using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Integration.Sidecar.Runtime;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Sidecar;

/// <summary>
/// Says a pod in the words of a container runtime, as a kubelet of today does: what the pod does not say is what the
/// kubelet takes then. Fields that our pods do not have are not known here.
/// </summary>
/// <param name="pod">The pod.</param>
/// <param name="seccomp">The kubelet's folder of seccomp profiles.</param>
/// <param name="logs">The folder of the containers' logs.</param>
/// <param name="group">The control group of the node's pods.</param>
internal sealed class KubeletWords(JsonObject pod, string seccomp, string logs, string group)
{
    /// <summary>The first of a pod's ids outside, and how many it has.</summary>
    public const uint FirstId = 1_310_720, Ids = 65_536;

    /// <summary>
    /// What a kubelet hides: https://github.com/kubernetes/kubernetes/blob/master/pkg/securitycontext/util.go.
    /// </summary>
    private static readonly string[] Masked =
    [
        "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
        "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadOnly =
        ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    private readonly JsonObject own = pod["spec"]!["securityContext"] as JsonObject ?? [];

    private bool HasOwnUsers => pod["spec"]!["hostUsers"]?.GetValue<bool>() == false;

    public PodSandboxConfig Sandbox() => new()
    {
        Metadata = new()
        {
            Name = pod.Text("metadata", "name"),
            Namespace = pod.Text("metadata", "namespace"),
            Uid = pod.Text("metadata", "uid"),
        },
        Hostname = pod.Text("metadata", "name"),
        LogDirectory = logs,
        Linux = new()
        {
            CgroupParent = $"/{group}/pod{pod.Text("metadata", "uid")}",
            SecurityContext = new()
            {
                NamespaceOptions = Namespaces(),
                RunAsUser = Id(own, own, "runAsUser"),
                RunAsGroup = Id(own, own, "runAsGroup"),
                SupplementalGroups = { Groups() },
                Seccomp = new() { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
            },
        },
    };

    /// <param name="container">One of the pod's, or of its init containers.</param>
    /// <param name="mounts">Its mounts: places in it and what is there, and whether it may only read.</param>
    public ContainerConfig Container(
        JsonObject container, IEnumerable<(string Place, string Source, bool ReadOnly)> mounts)
    {
        var name = container.Text("name")!;
        var config = new ContainerConfig
        {
            Metadata = new() { Name = name },
            Image = new() { Image = container.Text("image") },
            Command = { Texts(container["command"]) },
            Args = { Texts(container["args"]) },
            WorkingDir = container.Text("workingDir") ?? "",
            LogPath = $"{name}.log",
            Linux = new() { Resources = Resources(container), SecurityContext = Security(container) },
        };
        foreach (var variable in container.Objects("env"))
            config.Envs.Add(new KeyValue { Key = variable.Text("name"), Value = ValueOf(variable) });
        foreach (var (place, source, readOnly) in mounts)
            config.Mounts.Add(new Mount
            {
                ContainerPath = place,
                HostPath = source,
                Readonly = readOnly,
                UidMappings = { Mappings() },
                GidMappings = { Mappings() },
            });
        return config;
    }

    private LinuxContainerSecurityContext Security(JsonObject container)
    {
        var context = container["securityContext"] as JsonObject ?? [];
        var hides = context.Text("procMount") is null or "Default";
        return new()
        {
            Capabilities = new()
            {
                AddCapabilities = { Texts(context.At("capabilities", "add")) },
                DropCapabilities = { Texts(context.At("capabilities", "drop")) },
            },
            NamespaceOptions = Namespaces(),
            RunAsUser = Id(context, own, "runAsUser"),
            RunAsGroup = Id(context, own, "runAsGroup"),
            SupplementalGroups = { Groups() },
            NoNewPrivs = context["allowPrivilegeEscalation"]?.GetValue<bool>() == false,
            MaskedPaths = { hides ? Masked : [] },
            ReadonlyPaths = { hides ? ReadOnly : [] },
            Seccomp = Seccomp(context["seccompProfile"] ?? own["seccompProfile"]),
        };
    }

    private SecurityProfile Seccomp(JsonNode? profile) => profile.Text("type") switch
    {
        "RuntimeDefault" => new() { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        "Localhost" => new()
        {
            ProfileType = SecurityProfile.Types.ProfileType.Localhost,
            LocalhostRef = Path.Combine(seccomp, profile.Text("localhostProfile")!),
        },
        _ => new() { ProfileType = SecurityProfile.Types.ProfileType.Unconfined },
    };

    private NamespaceOption Namespaces() => new()
    {
        Network = NamespaceMode.Pod,
        Pid = NamespaceMode.Container,
        Ipc = NamespaceMode.Pod,
        UsernsOptions = HasOwnUsers
            ? new() { Mode = NamespaceMode.Pod, Uids = { Mappings() }, Gids = { Mappings() } }
            : new() { Mode = NamespaceMode.Node },
    };

    private IEnumerable<IDMapping> Mappings() =>
        HasOwnUsers ? [new IDMapping { HostId = FirstId, ContainerId = 0, Length = Ids }] : [];

    private IEnumerable<long> Groups() =>
        (own["supplementalGroups"] as JsonArray ?? []).Select(g => g!.GetValue<long>());

    private string ValueOf(JsonObject variable) => variable.Text("valueFrom", "fieldRef", "fieldPath") switch
    {
        null => variable.Text("value") ?? "",
        "metadata.name" => pod.Text("metadata", "name")!,
        "metadata.namespace" => pod.Text("metadata", "namespace")!,
        "metadata.uid" => pod.Text("metadata", "uid")!,
        var other => throw new NotSupportedException($"a variable from {other}"),
    };

    private static LinuxContainerResources Resources(JsonObject container)
    {
        const int period = 100_000;
        var cpu = container.Text("resources", "limits", "cpu");
        var memory = container.Text("resources", "limits", "memory");
        return new()
        {
            CpuPeriod = period,
            CpuQuota = cpu is null ? 0 : (long)(Quantity(cpu) * period),
            CpuShares = (long)Math.Max(2, Quantity(container.Text("resources", "requests", "cpu") ?? "0") * 1024),
            MemoryLimitInBytes = memory is null ? 0 : (long)Quantity(memory),
        };
    }

    private static double Quantity(string text)
    {
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var unit = text[digits..] switch
        {
            "" => 1,
            "m" => 0.001,
            "Mi" => 1 << 20,
            "Gi" => 1 << 30,
            var other => throw new NotSupportedException($"a quantity in {other}"),
        };
        return double.Parse(text[..digits], CultureInfo.InvariantCulture) * unit;
    }

    private static Int64Value? Id(JsonObject context, JsonObject pods, string name) =>
        (context[name] ?? pods[name]) is { } id ? new() { Value = id.GetValue<long>() } : null;

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(t => (string)t!);
}
