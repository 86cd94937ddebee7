using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Protocol;

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

    /// <param name="recipe">What the pool says.</param>
    /// <param name="defaults">What holds where it says nothing.</param>
    /// <param name="claims">Where the pod gets its identity.</param>
    public static PodTemplate Build(PodInputs recipe, PodDefaults defaults, ClaimEndpoint claims)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject(), ["annotations"] = new JsonObject() },
            ["spec"] = Spec(recipe, defaults),
        };
        foreach (var part in (string[])["metadata", "spec"])
            if (recipe.Template?[part] is JsonObject changes)
                TemplateMerge.Merge(pod[part]!.AsObject(), changes);
        var spec = pod["spec"]!.AsObject();
        LabelAsOurs(pod["metadata"]!.AsObject(), recipe, defaults);
        KeepSidecar(spec, recipe, defaults);
        var runner = RunnerOf(spec, defaults);
        ClaimMount.Connect(spec, runner, claims);
        RunnerAccess.Grant(spec, runner, recipe.Wishes, recipe.Profile);
        return new PodTemplate(recipe.Pool, pod, recipe.Wishes.Builder.Cache);
    }

    /// <summary>The image that the runner's container will have; null if neither the pool nor we name one.</summary>
    public static string? ImageOf(PodInputs recipe, PodDefaults defaults)
    {
        var named = recipe.Template?["spec"]?["containers"] is JsonArray containers
            ? PodJson.Container(containers, PodLabels.RunnerContainer)?["image"]
            : null;
        if (named is JsonValue value && value.TryGetValue<string>(out var image) && image.Length > 0)
            return image;
        return defaults.Image.Length > 0 ? defaults.Image : null;
    }

    private static JsonObject Spec(PodInputs recipe, PodDefaults defaults)
    {
        var hasSidecar = recipe.Profile is not null;
        var grace = hasSidecar && defaults.TerminationGrace < Sidecar.LeastGrace
            ? Sidecar.LeastGrace
            : defaults.TerminationGrace;
        var spec = new JsonObject
        {
            // Named although it is the default: a server whose admission does not fill it in refuses the projected
            // token.
            ["serviceAccountName"] = "default",
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["terminationGracePeriodSeconds"] = (int)grace.TotalSeconds,
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = RunnerUser,
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["containers"] = new JsonArray(Runner(defaults)),
        };
        if (recipe.Profile == BuilderProfile.UserNamespaces)
            spec["hostUsers"] = false;
        KeepSidecar(spec, recipe, defaults);
        return spec;
    }

    private static JsonObject Runner(PodDefaults defaults)
    {
        var runner = PlainRunner(defaults);
        defaults.Proxy.PutInto(runner);
        return runner;
    }

    private static JsonObject PlainRunner(PodDefaults defaults) => new()
    {
        ["name"] = PodLabels.RunnerContainer,
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

    /// <summary>
    /// Puts in what the sidecar needs and is not there. Done before the merge, so that a template can change the parts,
    /// and after it, so that none of them is missing.
    /// </summary>
    private static void KeepSidecar(JsonObject spec, PodInputs recipe, PodDefaults defaults)
    {
        if (recipe is not { Profile: { } profile, Wishes.Builder: var builder })
            return;
        foreach (var container in Sidecar.Containers(builder, profile, defaults.Builder))
        {
            if ((string?)container["name"] == BuilderPaths.Container)
                defaults.Proxy.PutInto(container);
            PodJson.AddMissing(spec, "initContainers", container);
        }
        foreach (var volume in Sidecar.Volumes(builder, profile, defaults.Builder))
            PodJson.AddMissing(spec, "volumes", volume);
        // The socket is BuildKit's, and its group's.
        var groups = PodJson.Entries(PodJson.Fields(spec, "securityContext"), "supplementalGroups");
        if (!groups.Any(g => g?.ToJsonString() == $"{SidecarSecurity.User}"))
            groups.Add((JsonNode)SidecarSecurity.User);
    }

    private static void LabelAsOurs(JsonObject metadata, PodInputs recipe, PodDefaults defaults)
    {
        var (pool, wishes) = (recipe.Pool, recipe.Wishes);
        metadata["namespace"] = pool.Namespace;
        metadata["ownerReferences"] = new JsonArray(PodJson.OwnedBy(pool, recipe.PoolUid));
        var labels = PodJson.Fields(metadata, "labels");
        labels[PodLabels.ManagedBy] = PodLabels.ManagedByValue;
        labels[PodLabels.Pool] = pool.Name;
        var annotations = PodJson.Fields(metadata, "annotations");
        annotations[PodLabels.Claim] = "";
        if (recipe.Profile is { } profile)
            foreach (var file in Sidecar.Files(wishes.Builder, profile, defaults.Builder))
                annotations[file.Annotation] = file.Text;
        foreach (var file in RunnerAccess.Files(wishes))
            annotations[file.Annotation] = file.Text;
    }

    private static JsonObject RunnerOf(JsonObject spec, PodDefaults defaults)
    {
        var containers = PodJson.Entries(spec, "containers");
        if (PodJson.Container(containers, PodLabels.RunnerContainer) is not { } runner)
            containers.Insert(0, runner = Runner(defaults));
        return runner;
    }
}
