using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>
/// A pod template of ARC as <c>spec.template</c>: what schedules and equips the pod stays, what makes it ARC's runner
/// or a Docker daemon goes.
/// </summary>
internal static class PodTemplateImport
{
    private const string NoPermission = "-gha-rs-no-permission";
    private const string KubeMode = "-gha-rs-kube-mode";

    /// <summary>What the controller sets itself, or what goes with other parts.</summary>
    private static readonly string[] Ours =
    [
        "restartPolicy", "serviceAccountName", "serviceAccount", "automountServiceAccountToken", "enableServiceLinks",
        "containers", "initContainers", "ephemeralContainers", "volumes", "securityContext",
    ];

    private static readonly string[] OfHost = ["hostNetwork", "hostPID", "hostIPC"];

    private static readonly string[] UserFields =
        ["runAsUser", "runAsGroup", "runAsNonRoot", "privileged", "allowPrivilegeEscalation"];

    /// <param name="template">ARC's; null if it has none.</param>
    /// <param name="draft">Gets the template, and what is to be noted.</param>
    /// <returns>What builds images in the pod.</returns>
    public static BuildTools Convert(JsonObject? template, PoolDraft draft)
    {
        var spec = template.Fields("spec") ?? [];
        var containers = new ContainerImport(draft, ContainerImport.GoneVolumes(spec, draft));
        var converted = new JsonObject();
        foreach (var (name, value) in spec)
            if (OfHost.Contains(name))
                draft.Note($"{name} was left out: jobs would be on the node itself, which Pod Security refuses.");
            else if (!Ours.Contains(name))
                converted.Keep(name, value);
        NoteAccount(spec.Text("serviceAccountName"), draft);
        converted.Keep("securityContext", WithoutUser(spec.Fields("securityContext"), draft));
        converted.Keep("initContainers", containers.Convert(spec.Objects("initContainers")));
        converted.Keep("containers", containers.Convert(spec.Objects("containers")));
        converted.Keep("volumes", new JsonArray([.. spec.Objects("volumes")
            .Where(v => !containers.Gone.Contains(v.Text("name") ?? "")).Select(v => v.DeepClone())]));
        var whole = new JsonObject();
        whole.Keep("metadata", MetadataOf(template.Fields("metadata")));
        whole.Keep("spec", converted);
        draft.Spec.Keep("template", whole);
        return containers.Found;
    }

    /// <summary>A security context without what depends on ARC's image.</summary>
    public static JsonObject? WithoutUser(JsonObject? context, PoolDraft draft)
    {
        if (context is null)
            return null;
        if (context.IsTrue("privileged"))
            draft.Note("privileged was left out: nothing here needs it, and Pod Security refuses it.");
        var kept = new JsonObject();
        foreach (var (name, value) in context.Where(f => !UserFields.Contains(f.Key)))
            kept.Keep(name, value);
        if (kept.Count < context.Count && !context.IsTrue("privileged"))
            draft.Note("The user and the privileges of the securityContext were left out: the runner image has its "
                + "own.");
        return kept;
    }

    private static JsonObject MetadataOf(JsonObject? metadata)
    {
        var kept = new JsonObject();
        foreach (var part in (string[])["labels", "annotations"])
        {
            var marks = new JsonObject();
            foreach (var (name, value) in metadata.Fields(part) ?? [])
                if (JsonFields.TextOf(value) is { } text && !IsOfControllers(name))
                    marks[name] = text;
            kept.Keep(part, marks);
        }
        return kept;
    }

    private static bool IsOfControllers(string name) =>
        name == PodLabels.ManagedBy || name.StartsWith(PodLabels.Prefix, StringComparison.Ordinal)
        || name.StartsWith("actions.github.com/", StringComparison.Ordinal)
        || name.StartsWith("actions-runner", StringComparison.Ordinal);

    private static void NoteAccount(string? account, PoolDraft draft)
    {
        if (account is null || account == "default" || account.EndsWith(NoPermission, StringComparison.Ordinal)
            || account.EndsWith(KubeMode, StringComparison.Ordinal))
            return;
        draft.Note($"The service account {account.Quote()} was left out: if jobs use the cluster, set "
            + "spec.deploy.serviceAccountName (docs/builder.md#deploying).");
    }
}
