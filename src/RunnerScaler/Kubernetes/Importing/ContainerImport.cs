using System.Text.Json.Nodes;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>The containers of ARC's pods.</summary>
/// <param name="draft">Learns what goes.</param>
/// <param name="gone">Volumes that go, by name.</param>
internal sealed class ContainerImport(PoolDraft draft, IReadOnlySet<string> gone)
{
    private static readonly string[] DockerVolumes =
        ["dind-sock", "dind-externals", "var-run", "docker-sock", "certs-client", "bin", "runner", "work", "tmp"];

    private static readonly string[] Images =
        ["ghcr.io/actions/actions-runner", "summerwind/actions-runner", "ghcr.io/actions-runner-controller/"];

    /// <summary>Variables that were for ARC's runner, its Docker daemon or its hooks.</summary>
    private static readonly string[] Variables =
    [
        "DOCKER_", "RUNNER_WAIT_FOR_DOCKER", "ACTIONS_RUNNER_", "RUNNER_GRACEFUL_STOP_TIMEOUT",
        "RUNNER_UPDATE_CA_CERTS", "DISABLE_RUNNER_UPDATE", "STARTUP_DELAY_IN_SECONDS", "RUNNER_FEATURE_FLAG_",
        PodVariables.Prefix,
    ];

    private static readonly string[] KeptOfRunner =
    [
        "resources", "envFrom", "ports", "lifecycle", "readinessProbe", "livenessProbe", "startupProbe",
        "volumeDevices",
    ];

    private bool docker;
    private bool hooks;
    private JsonObject? dockerResources;

    public IReadOnlySet<string> Gone => gone;

    public BuildTools Found => new(docker, hooks, dockerResources);

    /// <summary>The volumes of a pod's spec that are not carried over.</summary>
    public static IReadOnlySet<string> GoneVolumes(JsonObject spec, PoolDraft draft)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var volume in spec.Objects("volumes"))
        {
            var name = volume.Text("name") ?? "";
            var path = volume.Fields("hostPath").Text("path");
            var ofArc = DockerVolumes.Contains(name) && volume.Fields("hostPath") is null;
            if (path is not null)
                draft.Note($"The volume {name.Quote()} was left out: it is a path of the node ({path.Quote()}), which "
                    + "Pod "
                    + "Security refuses.");
            else if (ofArc && volume.Fields("ephemeral") is not null)
                draft.Note($"The volume claim of {name.Quote()} was left out: jobs work in the pod's own space; a "
                    + "cache for "
                    + "builds is spec.builder.cache.");
            if (path is not null || ofArc)
                names.Add(name);
        }
        // Legacy pods have these without saying so.
        names.UnionWith(DockerVolumes.Where(v => spec.Objects("volumes").All(o => o.Text("name") != v)));
        return names;
    }

    public JsonArray Convert(IEnumerable<JsonObject> containers)
    {
        var kept = new JsonArray();
        foreach (var container in containers)
        {
            var name = container.Text("name") ?? "";
            if (IsDocker(name, container.Text("image") ?? ""))
            {
                docker |= name != "init-dind-externals";
                dockerResources ??= container.Fields("resources");
            }
            else if (name == PodLabels.RunnerContainer)
                AddUnlessBare(kept, Runner(container));
            else if (container.Text("image") is null)
                draft.Note($"The container {name.Quote()} was left out: it has no image.");
            else
                kept.Add((JsonNode)Other(container));
        }
        return kept;
    }

    private static bool IsDocker(string name, string image) =>
        name is "dind" or "docker" or "init-dind-externals" or "init-dind-rootless"
        || (image.StartsWith("docker:", StringComparison.Ordinal) && image.Contains("dind", StringComparison.Ordinal));

    private static void AddUnlessBare(JsonArray kept, JsonObject runner)
    {
        if (runner.Count > 1)
            kept.Add((JsonNode)runner);
    }

    private JsonObject Runner(JsonObject container)
    {
        var runner = new JsonObject { ["name"] = PodLabels.RunnerContainer };
        NoteImage(container.Text("image"));
        if (container.Text("image") is { } image && image.Contains("-dind", StringComparison.Ordinal))
            docker = true;
        if (container.Texts("command").Any(c => !c.EndsWith("run.sh", StringComparison.Ordinal))
            || container.List("args") is { Count: > 0 })
            draft.Note("The runner's command and args were left out: the runner image has its own entrypoint, which "
                + "claims "
                + "the registration.");
        foreach (var field in KeptOfRunner)
            runner.Keep(field, container[field]);
        runner.Keep("securityContext", PodTemplateImport.WithoutUser(container.Fields("securityContext"), draft));
        runner.Keep("env", Environment(container));
        runner.Keep("volumeMounts", Mounts(container));
        return runner;
    }

    private void NoteImage(string? image)
    {
        if (image is null)
            return;
        draft.Note(Images.Any(i => image.StartsWith(i, StringComparison.Ordinal))
            ? $"The image {image.Quote()} is replaced by RunnerScaler's, which has the same GitHub runner and other "
                + "tools."
            : $"The image {image.Quote()} was left out: an image of your own is made FROM RunnerScaler's "
                + "(docs/pools.md#an-image-of-your-own).");
    }

    private JsonObject Other(JsonObject container)
    {
        var copy = (JsonObject)container.DeepClone();
        if (copy.Fields("securityContext").IsTrue("privileged"))
            draft.Note($"The container {container.Text("name").Quote()} is privileged, which Pod Security refuses but "
                + "at the "
                + "level privileged.");
        copy.Remove("volumeMounts");
        copy.Keep("volumeMounts", Mounts(container));
        return copy;
    }

    private JsonArray Environment(JsonObject container)
    {
        var kept = new JsonArray();
        foreach (var variable in container.Objects("env"))
        {
            var name = variable.Text("name") ?? "";
            hooks |= name is "ACTIONS_RUNNER_CONTAINER_HOOKS" or "ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER";
            docker |= name == "DOCKER_HOST";
            if (!Variables.Any(v => name.StartsWith(v, StringComparison.Ordinal)))
                kept.Add(variable.DeepClone());
        }
        return kept;
    }

    private JsonArray Mounts(JsonObject container) => [.. container.Objects("volumeMounts")
        .Where(m => !gone.Contains(m.Text("name") ?? "")).Select(m => m.DeepClone())];
}
