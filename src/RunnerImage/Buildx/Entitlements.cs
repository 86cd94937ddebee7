namespace RunnerImage.Buildx;

/// <summary>What builds may ask for beyond the usual (<c>--allow</c>), and the daemon does not grant.</summary>
internal static class Entitlements
{
    public static readonly string[] Refused = ["security.insecure", "network.host", "device"];

    public static Message Missing(IReadOnlyCollection<string> entitlements) => Message.Warning("entitlement",
        $"The BuildKit of this runner does not grant {string.Join(", ", entitlements)}; a build that asks for it fails. "
        + "Leave out --allow (\"allow:\" of the action) and --security or --network in the Dockerfile's RUN: steps use "
        + "the pod's network anyway.");
}
