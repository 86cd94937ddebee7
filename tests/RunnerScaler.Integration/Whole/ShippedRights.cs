using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Whole;

/// <summary>What <c>deploy/rbac.yaml</c> gives to the controller.</summary>
internal static class ShippedRights
{
    /// <summary>Each once, as <c>create pods</c>.</summary>
    public static IEnumerable<string> All() =>
        from entry in Manifest.Read("deploy/rbac.yaml", "runnerscaler-nodes")
        from rule in entry.Object.Objects("rules")
        from resource in (rule["resources"] ?? rule["nonResourceURLs"])!.AsArray()
        from verb in rule["verbs"]!.AsArray()
        group rule by $"{verb} {resource}" into same
        select same.Key;
}
