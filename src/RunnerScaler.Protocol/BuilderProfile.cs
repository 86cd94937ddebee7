namespace RunnerScaler.Protocol;

/// <summary>What a sidecar may do on its node, and so which clusters and namespaces take it.</summary>
internal enum BuilderProfile
{
    /// <summary>Pod Security <c>baseline</c>, without user namespaces.</summary>
    Baseline,

    /// <summary>
    /// Pod Security <c>baseline</c> since 1.35; the pod has a user namespace, builds a /proc of their own.
    /// </summary>
    UserNamespaces,

    /// <summary>
    /// No seccomp or AppArmor profile: for nodes that have none of ours. Pod Security <c>privileged</c>.
    /// </summary>
    Compatible,
}
