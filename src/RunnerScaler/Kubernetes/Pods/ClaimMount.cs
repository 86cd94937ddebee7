using System.Text.Json.Nodes;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>How a pod's runner container reaches the claims endpoint.</summary>
internal static class ClaimMount
{
    /// <summary>The volume with the projected service-account token.</summary>
    public const string Volume = "runnerscaler-claim";

    public const string Folder = "/var/run/secrets/runnerscaler";
    public const string TokenFile = Folder + "/token";

    /// <summary>Seconds; the kubelet renews the file at four fifths.</summary>
    public const int TokenLife = 3600;

    /// <summary>Gives the runner container all it needs to make its claim.</summary>
    public static void Connect(JsonObject spec, JsonObject runner, ClaimEndpoint claims)
    {
        spec["restartPolicy"] = "Never";

        // A container may have rules of its own, which win. A runner that is started again has lost its identity.
        runner.Remove("restartPolicy");
        runner.Remove("restartPolicyRules");
        PodJson.PutVolume(spec, TokenVolume());
        runner["terminationMessagePath"] = "/dev/termination-log";
        runner["terminationMessagePolicy"] = "File";
        PodJson.PutMount(runner, PodJson.ReadOnlyMount(Volume, Folder));
        PodJson.PutVariable(runner, PodVariables.ClaimUrl, claims.Url);
        PodJson.PutVariable(runner, PodVariables.ClaimCa, claims.CaPem);
        PodJson.PutVariable(runner, PodVariables.TokenFile, TokenFile);
    }

    private static JsonObject TokenVolume() => new()
    {
        ["name"] = Volume,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(new JsonObject
            {
                ["serviceAccountToken"] = new JsonObject
                {
                    ["audience"] = ClaimProtocol.Audience,
                    ["expirationSeconds"] = TokenLife,
                    ["path"] = "token",
                },
            }),
        },
    };
}

/// <summary>The claims endpoint as pods see it.</summary>
/// <param name="Url">Where claims are posted, ending in <c>/claims</c>.</param>
/// <param name="CaPem">The certificates that the endpoint's own may be signed by; empty if it speaks plain
/// HTTP.</param>
internal sealed record ClaimEndpoint(string Url, string CaPem);
