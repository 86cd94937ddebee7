using System.Text.Json.Nodes;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// What the sidecar may do, by profile. Measured on real nodes, each line taken away in turn: rootless BuildKit does
/// not start with less, and two of the three pass Pod Security <c>baseline</c>.
/// </summary>
internal static class SidecarSecurity
{
    /// <summary>The user and group of BuildKit's rootless image; its socket belongs to them.</summary>
    public const int User = 1000;

    public const string DefaultSeccomp = "profiles/runnerscaler-buildkit.json";

    /// <summary>
    /// A pod with user namespaces has 65,536 ids. The image's own file starts at 100,000; this one gives the user every
    /// id of the pod but 0 and its own.
    /// </summary>
    public const string SubordinateIds = "user:1:999\nuser:1001:64535\n";

    public static JsonObject Context(BuilderSpec builder, BuilderProfile profile)
    {
        var context = new JsonObject
        {
            ["runAsUser"] = User,
            ["runAsGroup"] = User,
            ["runAsNonRoot"] = true,
            // newuidmap and newgidmap get their rights from file capabilities.
            ["allowPrivilegeEscalation"] = true,
        };
        if (profile != BuilderProfile.Compatible)
            context["capabilities"] = new JsonObject
            {
                ["drop"] = new JsonArray("ALL"),
                ["add"] = new JsonArray("SETUID", "SETGID"),
            };
        if (profile == BuilderProfile.UserNamespaces)
            context["procMount"] = "Unmasked";
        context["seccompProfile"] = profile == BuilderProfile.Compatible
            ? new JsonObject { ["type"] = "Unconfined" }
            : Localhost(builder.SeccompProfile ?? DefaultSeccomp);
        if (builder.AppArmorProfile is { } name)
            context["appArmorProfile"] = Localhost(name);
        else if (profile == BuilderProfile.Compatible)
            context["appArmorProfile"] = new JsonObject { ["type"] = "Unconfined" };
        return context;
    }

    /// <summary>Without a /proc of its own, a build step sees the daemon's: the kernel grants no more.</summary>
    public static bool SharesProcesses(BuilderProfile profile) => profile != BuilderProfile.UserNamespaces;

    private static JsonObject Localhost(string name) =>
        new() { ["type"] = "Localhost", ["localhostProfile"] = name };
}
