using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>An <c>AutoscalingRunnerSet</c>, ARC's present mode, as a pool.</summary>
internal static class ScaleSetImport
{
    private static readonly string[] Read =
    [
        "githubConfigUrl", "githubConfigSecret", "runnerGroup", "runnerScaleSetName", "runnerScaleSetLabels", "proxy",
        "githubServerTLS", "vaultConfig", "template", "maxRunners", "minRunners",
        // There is no listener, and a runner is one pod without objects of its own.
        "listenerTemplate", "listenerMetrics", "autoscalingListener", "listenerServiceAccountMetadata",
        "listenerRoleMetadata", "listenerRoleBindingMetadata", "listenerConfigSecretMetadata",
        "ephemeralRunnerSetMetadata", "ephemeralRunnerMetadata", "ephemeralRunnerConfigSecretMetadata",
    ];

    public static PoolDraft Convert(ArcObject scaleSet, ImportOptions options)
    {
        var (draft, spec) = (new PoolDraft(scaleSet), scaleSet.Spec);
        GitHubImport.SetPlace(
            draft, spec.Text("githubConfigUrl") ?? "", spec.Text("runnerGroup"), spec.Text("githubConfigSecret"),
            options);
        SetLabels(draft, spec.Text("runnerScaleSetName") ?? scaleSet.Name, spec);
        Counts.Set(draft, spec.Count("maxRunners"), spec.Count("minRunners") ?? 0, options);
        if (spec.Count("minRunners") > 0)
            draft.Note("minRunners became warm.standby: pods that are ready beside those with a job, as ARC counted "
                + "them, "
                + "but not yet registered, so that each fits any job of the pool.");
        PodTemplateImport.Convert(spec.Fields("template"), draft).PutInto(draft);
        NoteConnections(draft, spec);
        if (spec.ContainsKey("listenerTemplate") || spec.ContainsKey("listenerMetrics"))
            draft.Note("The listener's settings were left out: there is none; metrics are the controller's "
                + "(docs/metrics.md).");
        draft.NoteUnread(spec, "spec.", Read);
        return draft;
    }

    /// <summary>A job asks for the scale set's name, which is always one of its labels.</summary>
    private static void SetLabels(PoolDraft draft, string name, JsonObject spec)
    {
        var labels = new JsonArray();
        foreach (var label in spec.Texts("runnerScaleSetLabels").Prepend(name)
            .Where(l => l.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase))
            labels.Add((JsonNode)label);
        draft.Spec.Keep("labels", labels);
        draft.Note("The only labels are "
            + $"{string.Join(", ", labels.Select(l => JsonFields.TextOf(l).Quote()).Take(10))}, so "
            + "that workflows need no change: add self-hosted, linux and x64 to serve jobs that ask for those.");
    }

    private static void NoteConnections(PoolDraft draft, JsonObject spec)
    {
        if (spec.Fields("proxy") is { } proxy)
            draft.Note($"The proxy ({Address(proxy, "https")}) was left out: set the chart's proxy.https, proxy.http "
                + "and "
                + "proxy.noProxy, which hold for the controller and all pods"
                + (proxy.Fields("https").Text("credentialSecretRef") is null
                    && proxy.Fields("http").Text("credentialSecretRef") is null
                        ? "."
                        : "; its user and password have to stand in the address."));
        if (spec.Fields("githubServerTLS") is not null)
            draft.Note("The server's certificate was left out: give it to the controller by the chart's "
                + "extraCertificates, "
                + "and to jobs by an image of your own (docs/install.md#github-enterprise-server).");
        if (spec.Fields("vaultConfig") is not null)
            draft.Note("The key vault was left out: RunnerScaler reads a Secret; let an operator of the vault write "
                + "that.");
    }

    private static string Address(JsonObject proxy, string kind) =>
        (proxy.Fields(kind).Text("url") is { } url && !url.Contains('@', StringComparison.Ordinal) ? url : "as ARC "
            + "has it")
            .Shown();
}
