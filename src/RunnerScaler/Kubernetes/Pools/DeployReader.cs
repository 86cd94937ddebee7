using RunnerScaler.Kubernetes.Builders;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>Reads <c>spec.deploy</c> and <c>spec.registryCredentialsSecret</c>.</summary>
internal static class DeployReader
{
    private const int LongestName = 253;
    private const int LongestNamespace = 63;

    /// <param name="deploy">The place.</param>
    /// <param name="poolNamespace">Where jobs deploy to if the pool does not say.</param>
    public static DeploySpec? Read(SpecNode deploy, string poolNamespace) => deploy.Object(d =>
    {
        var account = d.At("serviceAccountName");
        var target = BuilderReader.Optional(
            d.At("namespace"), "the name of a namespace", SpecPatterns.NamespaceName, LongestNamespace);
        return deploy.Exists
            ? new DeploySpec(
                account.Text(
                    "the name of a service account in the pool's namespace",
                    t => SpecPatterns.Match(SpecPatterns.ObjectName, t, LongestName)),
                target ?? poolNamespace)
            : null;
    });

    public static string? ReadRegistrySecret(SpecNode secret) => BuilderReader.Optional(
        secret,
        "the name of a kubernetes.io/dockerconfigjson Secret in the pool's namespace",
        SpecPatterns.ObjectName,
        LongestName);
}
