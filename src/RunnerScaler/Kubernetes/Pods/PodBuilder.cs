using System.Text.Json.Nodes;
using RunnerScaler.Scaling;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// Makes the pod of a pool: a generated one that is restricted in all it can be, with the user's template merged over
/// it (<see cref="TemplateMerge"/>), and last what makes it ours, which no template can change. The template stays raw
/// JSON, so that fields of newer clusters survive.
/// </summary>
internal static class PodBuilder
{
    /// <summary>The runner user of GitHub's runner image.</summary>
    private const int RunnerUser = 1001;

    /// <param name="pool">The pool's name.</param>
    /// <param name="poolUid">The pool's uid: it owns its pods, and they go with it.</param>
    /// <param name="template"><c>spec.template</c>, checked by the pool's reader; null if there is none.</param>
    /// <param name="defaults">What the template may change.</param>
    /// <param name="claims">Where the pod gets its identity.</param>
    public static PodShape Build(
        PoolKey pool, string poolUid, JsonObject? template, PodDefaults defaults, ClaimEndpoint claims)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject(), ["annotations"] = new JsonObject() },
            ["spec"] = Spec(defaults),
        };
        foreach (var part in (string[])["metadata", "spec"])
            if (template?[part] is JsonObject changes)
                TemplateMerge.Merge(pod[part]!.AsObject(), changes);
        MarkAsOurs(pod["metadata"]!.AsObject(), pool, poolUid);
        ConnectToClaims(pod["spec"]!.AsObject(), defaults, claims);
        return new PodShape(pool.Name, pod);
    }

    private static JsonObject Spec(PodDefaults defaults) => new()
    {
        // Named although it is the default: a server whose admission does not fill it in refuses the projected token.
        ["serviceAccountName"] = "default",
        ["automountServiceAccountToken"] = false,
        ["enableServiceLinks"] = false,
        ["terminationGracePeriodSeconds"] = (int)defaults.TerminationGrace.TotalSeconds,
        ["securityContext"] = new JsonObject
        {
            ["runAsNonRoot"] = true,
            ["runAsUser"] = RunnerUser,
            ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
        },
        // The place of a builder: its sidecar among the init containers (native sidecars are there), its socket among
        // the volumes.
        ["containers"] = new JsonArray(Runner(defaults)),
    };

    private static JsonObject Runner(PodDefaults defaults) => new()
    {
        ["name"] = Marks.RunnerContainer,
        ["image"] = defaults.Image,
        ["resources"] = new JsonObject
        {
            ["requests"] = new JsonObject { ["cpu"] = defaults.CpuRequest, ["memory"] = defaults.MemoryRequest },
        },
        ["securityContext"] = new JsonObject
        {
            ["allowPrivilegeEscalation"] = false,
            ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
        },
    };

    private static JsonObject ClaimVolume() => new()
    {
        ["name"] = ClaimMount.Volume,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(new JsonObject
            {
                ["serviceAccountToken"] = new JsonObject
                {
                    ["audience"] = ClaimMount.Audience,
                    ["expirationSeconds"] = ClaimMount.TokenLife,
                    ["path"] = "token",
                },
            }),
        },
    };

    private static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };

    private static void MarkAsOurs(JsonObject metadata, PoolKey pool, string poolUid)
    {
        metadata["namespace"] = pool.Namespace;
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = ResourcePaths.ApiVersion,
            ["kind"] = "RunnerPool",
            ["name"] = pool.Name,
            ["uid"] = poolUid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        var labels = Fields(metadata, "labels");
        labels[Marks.ManagedBy] = Marks.ManagedByValue;
        labels[Marks.Pool] = pool.Name;
        Fields(metadata, "annotations")[Marks.Claim] = "";
    }

    private static void ConnectToClaims(JsonObject spec, PodDefaults defaults, ClaimEndpoint claims)
    {
        spec["restartPolicy"] = "Never";
        Entries(spec, "volumes").Add((JsonNode)ClaimVolume());
        var containers = Entries(spec, "containers");
        if (containers.OfType<JsonObject>().FirstOrDefault(IsRunner) is not { } runner)
            containers.Insert(0, runner = Runner(defaults));
        runner["terminationMessagePath"] = "/dev/termination-log";
        runner["terminationMessagePolicy"] = "File";
        Entries(runner, "volumeMounts").Add((JsonNode)new JsonObject
        {
            ["name"] = ClaimMount.Volume,
            ["mountPath"] = ClaimMount.Folder,
            ["readOnly"] = true,
        });
        var variables = Entries(runner, "env");
        variables.Add((JsonNode)Variable(ClaimMount.UrlVariable, claims.Url));
        variables.Add((JsonNode)Variable(ClaimMount.CaVariable, claims.CaPem));
        variables.Add((JsonNode)Variable(ClaimMount.TokenVariable, ClaimMount.TokenFile));
    }

    private static bool IsRunner(JsonObject container) =>
        container["name"] is JsonValue name && name.TryGetValue<string>(out var text) && text == Marks.RunnerContainer;

    private static JsonObject Fields(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject fields)
            parent[name] = fields = new JsonObject();
        return fields;
    }

    private static JsonArray Entries(JsonObject parent, string name)
    {
        if (parent[name] is not JsonArray entries)
            parent[name] = entries = new JsonArray();
        return entries;
    }
}
