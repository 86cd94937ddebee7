using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>
/// A file of values of ARC's chart <c>gha-runner-scale-set</c>, as the object that the chart makes of it.
/// </summary>
internal static class ValuesImport
{
    /// <summary>What is called alike in both.</summary>
    private static readonly string[] Same =
    [
        "githubConfigUrl", "runnerGroup", "runnerScaleSetName", "proxy", "githubServerTLS", "maxRunners", "minRunners",
        "template", "listenerTemplate", "listenerMetrics",
    ];

    public static bool IsScaleSet(JsonObject document) =>
        document.ContainsKey("githubConfigUrl") && !document.ContainsKey("apiVersion");

    /// <summary>Why a file of values of another of ARC's charts cannot be imported; null if it is none.</summary>
    public static string? WhyNot(JsonObject document)
    {
        if (document.Fields("auth") is not null && document.Fields("scaleset") is not null)
            return "These are values of ARC's experimental chart: render it with 'helm template', and import what "
                + "that prints.";
        return document.ContainsKey("githubWebhookServer") || document.ContainsKey("authSecret")
            || document.ContainsKey("replicaCount")
                ? "These are values of ARC's controller, which name no runners: RunnerScaler's own are in "
                    + "deploy/chart/README.md."
                : null;
    }

    /// <exception cref="ImportException">Nobody says what the runners are called.</exception>
    public static ArcObject Of(JsonObject values, ImportOptions options)
    {
        var name = options.Name.Length > 0 ? options.Name : values.Text("runnerScaleSetName")
            ?? throw new ImportException(
                "A file of values does not say by which name jobs ask for the runners, which is the Helm release's: "
                    + "set --name=RELEASE.");
        var spec = new JsonObject();
        foreach (var field in Same)
            spec.Keep(field, values[field]);
        spec.Keep("runnerScaleSetLabels", values["scaleSetLabels"]);
        spec.Keep("vaultConfig", values["keyVault"]);
        // The values of a credential are never shown: only its name is of use.
        spec["githubConfigSecret"] = values["githubConfigSecret"] is JsonValue secret
            ? JsonFields.TextOf(secret)
            : $"{name}-gha-rs-github-secret";
        AddMode(spec, values.Fields("containerMode").Text("type"));
        return new(ArcKinds.ScaleSet, values.Text("namespaceOverride") ?? "", name, spec);
    }

    /// <summary>What the chart puts into the pods for a mode, as far as it says what jobs can do.</summary>
    private static void AddMode(JsonObject spec, string? mode)
    {
        if (mode is null)
            return;
        if (spec.Fields("template") is not { } template)
            spec["template"] = template = [];
        if (template.Fields("spec") is not { } pod)
            template["spec"] = pod = [];
        if (mode == "dind")
            Entries(pod, "initContainers").Add((JsonNode)new JsonObject { ["name"] = "dind" });
        else if (mode.StartsWith("kubernetes", StringComparison.Ordinal))
            Entries(RunnerOf(pod), "env").Add(
                (JsonNode)new JsonObject { ["name"] = "ACTIONS_RUNNER_CONTAINER_HOOKS" });
    }

    private static JsonObject RunnerOf(JsonObject pod)
    {
        var containers = Entries(pod, "containers");
        var runner = containers.OfType<JsonObject>().FirstOrDefault(c => c.Text("name") == PodLabels.RunnerContainer);
        if (runner is null)
            containers.Add((JsonNode)(runner = new() { ["name"] = PodLabels.RunnerContainer }));
        return runner;
    }

    private static JsonArray Entries(JsonObject node, string name)
    {
        if (node[name] is not JsonArray list)
            node[name] = list = [];
        return list;
    }
}
