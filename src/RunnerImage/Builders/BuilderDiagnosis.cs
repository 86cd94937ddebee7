namespace RunnerImage.Builders;

/// <summary>Says why the sidecar cannot be used, and what to do: one sentence for the person who has to act.</summary>
internal static class BuilderDiagnosis
{
    private const string UserNamespaces = "UserNamespaces";
    private const string Compatible = "Compatible";

    /// <summary>
    /// The pod asks for a user namespace and has none: old container runtimes ignore <c>hostUsers: false</c>, and what
    /// was meant to be confined would be root on the node. Nothing may run then.
    /// </summary>
    /// <returns>Null if all is well.</returns>
    public static string? Guard(string? profile, BuilderFacts facts) =>
        profile == UserNamespaces && IsIdentity(facts.UidMap)
            ? "the pod has the node's own user IDs although its builder profile is UserNamespaces: the container "
              + "runtime ignores hostUsers: false (it needs Linux 6.3, containerd 2.0 or CRI-O 1.25, runc 1.2 "
              + "or crun 1.9); update the nodes, or set spec.builder.profile: Baseline"
            : null;

    /// <param name="address">BuildKit's socket.</param>
    /// <param name="profile">The sidecar's profile.</param>
    /// <param name="facts">What is seen when the time is over.</param>
    /// <param name="waited">How long it was waited for.</param>
    public static string Explain(string address, string? profile, BuilderFacts facts, TimeSpan waited)
    {
        var seconds = $"{waited.TotalSeconds:0} s";
        return facts.Socket switch
        {
            SocketTry.Denied =>
                $"the socket {address} of the builder may not be opened by this container (permission denied): it "
                + "belongs to group 1000; set supplementalGroups: [1000] in the pod's securityContext",
            SocketTry.Connected => $"the socket {address} of the builder was there only after {seconds}",
            _ when Node(profile, facts) is { } cause =>
                $"the builder did not listen at {address} in {seconds}, {cause}",
            SocketTry.Missing =>
                $"the socket {address} of the builder is not there after {seconds}: the container buildkitd has not "
                + $"started or ends at once; read its log (kubectl logs POD -c buildkitd){Suspects(profile)}",
            SocketTry.Refused =>
                $"nobody listens at the socket {address} of the builder after {seconds}: the container buildkitd was "
                + "killed, perhaps for its memory limit; read its state and log (kubectl describe pod, kubectl logs "
                + "POD -c buildkitd)",
            _ => $"the socket {address} of the builder cannot be used after {seconds}; it must be a unix socket in a "
                + "volume that the containers runner and buildkitd share",
        };
    }

    /// <summary>Whether a uid map says that IDs inside are the same outside.</summary>
    public static bool IsIdentity(string? uidMap) =>
        uidMap?.Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries) is ["0", "0", "4294967295"];

    /// <summary>What about the node keeps BuildKit from working: for certain, or most likely.</summary>
    private static string? Node(string? profile, BuilderFacts facts)
    {
        if (facts.MaxUserNamespaces == "0")
            return "because the node allows no user namespaces (user.max_user_namespaces is 0); set the sysctl "
                + "user.max_user_namespaces to 16384 or more on the node";
        if (facts.UnprivilegedUserNamespaces == "0")
            return "because the node allows user namespaces to root alone (kernel.unprivileged_userns_clone is 0); set "
                + "that sysctl to 1 on the node";
        if (facts.RestrictedUserNamespaces == "1")
            return "probably because the node's AppArmor restricts user namespaces "
                + "(kernel.apparmor_restrict_unprivileged_userns is 1); set spec.builder.appArmorProfile to a "
                + "profile with the rule userns, or that sysctl to 0";
        // The Compatible profile runs without AppArmor.
        return profile != Compatible && facts.AppArmorEnabled == "Y"
            && facts.AppArmorProfile is { } own && own != "unconfined"
            ? "probably because the node has AppArmor, and the default profile of its container runtime forbids the "
                + "mounts that BuildKit needs; set spec.builder.appArmorProfile to a profile that is loaded on "
                + "the nodes and allows mount and userns (if one is set, the log of the container buildkitd says more)"
            : null;
    }

    /// <summary>What the log will most likely show; it cannot be seen from here.</summary>
    private static string Suspects(string? profile) => profile == Compatible
        ? ""
        : "; \"fork/exec /proc/self/exe: operation not permitted\" there means that the seccomp profile "
            + "spec.builder.seccompProfile is not the one that RunnerScaler ships, \"newuidmap: write to uid_map "
            + "failed\" that SETUID and SETGID or the subordinate IDs are missing";
}
