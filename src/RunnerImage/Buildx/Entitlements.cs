namespace RunnerImage.Buildx;

/// <summary>What builds may ask for beyond the usual (<c>--allow</c>), and the daemon does not grant.</summary>
internal static class Entitlements
{
    public static readonly string[] Refused = ["security.insecure", "device"];

    public static Message Missing(IReadOnlyCollection<string> entitlements) => Message.Warning(
        "entitlement-" + string.Join('-', entitlements),
        $"The BuildKit of this runner does not grant {string.Join(", ", entitlements)}: a build whose RUN steps ask "
        + "for it fails. Leave out --allow (\"allow:\" of the action) and RUN --security or --device; what needs it "
        + "can be built on a pool that brings its own daemon.");
}
