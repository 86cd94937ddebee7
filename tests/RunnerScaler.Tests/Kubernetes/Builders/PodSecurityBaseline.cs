using System.Text.Json.Nodes;

namespace RunnerScaler.Tests.Kubernetes.Builders;

/// <summary>
/// The level <c>baseline</c> of the
/// <see href="https://kubernetes.io/docs/concepts/security/pod-security-standards/">Pod Security Standards</see>, v1.35:
/// an unmasked /proc is admitted in a pod with a user namespace of its own.
/// </summary>
internal static class PodSecurityBaseline
{
    private static readonly HashSet<string> Capabilities =
    [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ];

    private static readonly HashSet<string> SeLinuxTypes =
        ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

    private static readonly HashSet<string> Sysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ];

    /// <summary>What the level forbids; empty if it admits the pod.</summary>
    public static IReadOnlyList<string> Violations(JsonObject pod)
    {
        var spec = pod["spec"]!.AsObject();
        List<string> found = [.. OfPod(pod, spec), .. OfContext(spec["securityContext"], "pod")];
        foreach (var list in (string[])["initContainers", "containers", "ephemeralContainers"])
            foreach (var container in (spec[list] as JsonArray ?? []).OfType<JsonObject>())
                found.AddRange(OfContainer(container, spec));
        return found;
    }

    private static IEnumerable<string> OfPod(JsonObject pod, JsonObject spec)
    {
        foreach (var field in (string[])["hostNetwork", "hostPID", "hostIPC"])
            if ((bool?)spec[field] == true)
                yield return field;
        foreach (var volume in (spec["volumes"] as JsonArray ?? []).OfType<JsonObject>())
            if (volume["hostPath"] is not null)
                yield return $"hostPath volume {volume["name"]}";
        foreach (var sysctl in (spec["securityContext"]?["sysctls"] as JsonArray ?? []).OfType<JsonObject>())
            if (!Sysctls.Contains((string)sysctl["name"]!))
                yield return $"sysctl {sysctl["name"]}";
        foreach (var (name, value) in pod["metadata"]?["annotations"] as JsonObject ?? [])
            if (name.StartsWith("container.apparmor.security.beta.kubernetes.io/", StringComparison.Ordinal)
                && (string?)value != "runtime/default"
                && ((string?)value)?.StartsWith("localhost/", StringComparison.Ordinal) != true)
                yield return $"annotation {name}";
    }

    private static IEnumerable<string> OfContainer(JsonObject container, JsonObject spec)
    {
        var name = (string?)container["name"] ?? "";
        var context = container["securityContext"];
        foreach (var found in OfContext(context, name))
            yield return found;
        if ((bool?)context?["privileged"] == true)
            yield return $"{name}: privileged";
        foreach (var added in context?["capabilities"]?["add"] as JsonArray ?? [])
            if (!Capabilities.Contains((string)added!))
                yield return $"{name}: capability {added}";
        if ((string?)context?["procMount"] is { } proc && proc != "Default" && (bool?)spec["hostUsers"] != false)
            yield return $"{name}: procMount {proc}";
        foreach (var port in (container["ports"] as JsonArray ?? []).OfType<JsonObject>())
            if ((int?)port["hostPort"] is not (null or 0))
                yield return $"{name}: hostPort";
        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
            foreach (var kind in (string[])["httpGet", "tcpSocket"])
                if (!string.IsNullOrEmpty((string?)container[probe]?[kind]?["host"]))
                    yield return $"{name}: host of {probe}";
    }

    private static IEnumerable<string> OfContext(JsonNode? context, string name)
    {
        if ((string?)context?["seccompProfile"]?["type"] is not (null or "RuntimeDefault" or "Localhost"))
            yield return $"{name}: seccomp {context["seccompProfile"]!["type"]}";
        if ((string?)context?["appArmorProfile"]?["type"] is not (null or "RuntimeDefault" or "Localhost"))
            yield return $"{name}: AppArmor {context["appArmorProfile"]!["type"]}";
        if ((bool?)context?["windowsOptions"]?["hostProcess"] == true)
            yield return $"{name}: hostProcess";
        var selinux = context?["seLinuxOptions"];
        if (!SeLinuxTypes.Contains((string?)selinux?["type"] ?? "")
            || !string.IsNullOrEmpty((string?)selinux?["user"])
            || !string.IsNullOrEmpty((string?)selinux?["role"]))
            yield return $"{name}: SELinux options";
    }
}
