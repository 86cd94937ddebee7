using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>A <c>RunnerDeployment</c> or <c>RunnerSet</c>, ARC's first mode, as a pool.</summary>
internal static class DeploymentImport
{
    private const string Autoscaled = "spec.replicas was left out: the HorizontalRunnerAutoscaler decides.";

    /// <summary>What ARC's first runners have without being told.</summary>
    private static readonly string[] DefaultLabels = ["self-hosted", "linux", "x64"];

    /// <summary>Of the runner, in either kind.</summary>
    private static readonly string[] Config =
    [
        "enterprise", "organization", "repository", "labels", "group", "ephemeral", "image", "workDir",
        "dockerdWithinRunnerContainer", "dockerEnabled", "dockerMTU", "dockerRegistryMirror",
        "dockerVarRunVolumeSizeLimit", "volumeSizeLimit", "volumeStorageMedium", "containerMode",
        "githubAPICredentialsFrom", "workVolumeClaimTemplate", "dockerdContainerResources", "dockerVolumeMounts",
        "dockerEnv",
    ];

    /// <summary>Of the runner's container, in a RunnerDeployment.</summary>
    private static readonly string[] Container = ["env", "envFrom", "resources", "volumeMounts", "image"];

    private static readonly string[] OfStatefulSet =
    [
        "replicas", "selector", "template", "serviceName", "effectiveTime", "updateStrategy", "podManagementPolicy",
        "revisionHistoryLimit", "serviceAccountName", "minReadySeconds", "ordinals",
    ];

    /// <param name="deployment">The object.</param>
    /// <param name="autoscaler">What scales it; null if nothing does.</param>
    /// <param name="options">What it does not say.</param>
    public static PoolDraft Convert(ArcObject deployment, ArcObject? autoscaler, ImportOptions options)
    {
        var draft = new PoolDraft(deployment);
        var isSet = deployment.Kind == ArcKinds.RunnerSet;
        var template = deployment.Spec.Fields("template");
        var runner = isSet ? deployment.Spec : template.Fields("spec") ?? [];
        SetGitHub(draft, runner, options);
        SetLabels(draft, runner);
        if (autoscaler is not null)
            AutoscalerImport.Apply(autoscaler, draft, options);
        else
            SetFixed(draft, deployment.Spec.Count("replicas") ?? 1, options);
        if (autoscaler is not null && deployment.Spec.ContainsKey("replicas"))
            draft.Note(Autoscaled);
        var pod = isSet ? template : new JsonObject
        {
            ["metadata"] = template.Fields("metadata")?.DeepClone(),
            ["spec"] = PodSpec(runner),
        };
        var tools = PodTemplateImport.Convert(pod, draft);
        SetBuilder(draft, runner, tools);
        NoteRest(draft, runner);
        if (isSet)
            draft.NoteUnread(deployment.Spec, "spec.", [.. OfStatefulSet, .. Config]);
        return draft;
    }

    private static void SetGitHub(PoolDraft draft, JsonObject runner, ImportOptions options)
    {
        var place = runner.Text("organization") ?? runner.Text("repository");
        if (place is null && runner.Text("enterprise") is { } enterprise)
            place = $"enterprises/{enterprise}";
        GitHubImport.SetPlace(
            draft, place is null ? "" : $"{options.Server.TrimEnd('/')}/{place}", runner.Text("group"),
            runner.Fields("githubAPICredentialsFrom").Fields("secretRef").Text("name"), options);
    }

    private static void SetLabels(PoolDraft draft, JsonObject runner) => draft.Spec.Keep("labels", new JsonArray(
        [.. DefaultLabels.Concat(runner.Texts("labels")).Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(l => JsonValue.Create(l))]));

    private static void SetFixed(PoolDraft draft, int replicas, ImportOptions options)
    {
        Counts.Set(draft, replicas, 0, options);
        draft.Note($"ARC kept {replicas} runners at all times; here they come with the jobs. Set spec.warm.standby to "
            + "have some "
            + "ready before.");
    }

    private static JsonObject PodSpec(JsonObject runner)
    {
        var container = new JsonObject { ["name"] = PodLabels.RunnerContainer };
        foreach (var field in Container)
            container.Keep(field, runner[field]);
        var spec = new JsonObject
        {
            ["containers"] = new JsonArray([
                container, .. runner.Objects("sidecarContainers").Concat(runner.Objects("containers"))
                    .Select(c => c.DeepClone()),
            ]),
        };
        string[] apart = [.. Config, .. Container, "sidecarContainers", "containers", "imagePullPolicy"];
        foreach (var (name, value) in runner.Where(f => !apart.Contains(f.Key)))
            spec.Keep(name, value);
        return spec;
    }

    private static void SetBuilder(PoolDraft draft, JsonObject runner, BuildTools tools)
    {
        var hooks = runner.Text("containerMode") == "kubernetes";
        var docker = !hooks && (runner.IsTrue("dockerdWithinRunnerContainer")
            || runner["dockerEnabled"]?.GetValueKind() != JsonValueKind.False);
        (tools with
        {
            Docker = docker || tools.Docker,
            Hooks = hooks || tools.Hooks,
            Resources = runner.Fields("dockerdContainerResources") ?? tools.Resources,
        }).PutInto(draft);
        if (runner.Text("dockerRegistryMirror") is { } mirror && (docker || tools.Docker))
            draft.Part("builder")["registries"] = new JsonArray(new JsonObject
            {
                ["host"] = "docker.io",
                ["mirrors"] = new JsonArray(Host(mirror)),
            });
    }

    private static string Host(string mirror) =>
        mirror.Split("://", 2)[^1].TrimEnd('/');

    private static void NoteRest(PoolDraft draft, JsonObject runner)
    {
        if (runner["ephemeral"]?.GetValueKind() == JsonValueKind.False)
            draft.Note("ephemeral: false was left out: every runner is for one job, and nothing is left of it.");
        foreach (var field in (string[])["workDir", "dockerMTU", "dockerVarRunVolumeSizeLimit", "volumeSizeLimit",
            "volumeStorageMedium", "workVolumeClaimTemplate", "dockerVolumeMounts", "dockerEnv"])
            if (runner[field] is not null)
                draft.Note($"{field} was left out: RunnerScaler has nothing of the kind.");
    }
}
