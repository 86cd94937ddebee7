using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Rules;

/// <summary>What the API server fills into a pod, what it refuses, and what of a pod can be changed later.</summary>
internal static class PodRules
{
    public static void SetDefaults(JsonObject pod)
    {
        if (pod["spec"] is not JsonObject spec)
            return;
        spec["restartPolicy"] ??= "Always";
        spec["terminationGracePeriodSeconds"] ??= 30;
        spec["dnsPolicy"] ??= "ClusterFirst";
        spec["serviceAccountName"] ??= "default";
        spec["securityContext"] ??= new JsonObject();
        spec["schedulerName"] ??= "default-scheduler";
        spec["enableServiceLinks"] ??= true;
        foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
            SetContainerDefaults(container);
        pod["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QosClass(spec) };
    }

    public static IEnumerable<FieldError> Errors(JsonObject pod)
    {
        if (pod["spec"] is not JsonObject spec)
        {
            yield return FieldError.Required("spec");
            yield break;
        }
        if (!spec.Objects("containers").Any())
            yield return FieldError.Required("spec.containers");
        if (spec.Text("restartPolicy") is not ("Always" or "OnFailure" or "Never"))
        {
            yield return FieldError.NotSupported("spec.restartPolicy", $"\"{spec.Text("restartPolicy")}\"",
                ["\"Always\"", "\"OnFailure\"", "\"Never\""]);
        }
        foreach (var error in ContainerErrors(spec))
            yield return error;
    }

    /// <summary>What an update of the pod changes although it must not.</summary>
    public static IEnumerable<FieldError> UpdateErrors(JsonObject before, JsonObject after)
    {
        if (!JsonNode.DeepEquals(Fixed(before["spec"]), Fixed(after["spec"])))
        {
            yield return FieldError.Forbidden("spec", "pod updates may not change fields other than "
                + "`spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or "
                + "`spec.tolerations` (only additions to existing tolerations)");
        }
    }

    private static void SetContainerDefaults(JsonObject container)
    {
        container["terminationMessagePath"] ??= "/dev/termination-log";
        container["terminationMessagePolicy"] ??= "File";
        var image = container.Text("image") ?? "";
        var isLatest = image.EndsWith(":latest", StringComparison.Ordinal)
            || !image[(image.LastIndexOf('/') + 1)..].Contains(':', StringComparison.Ordinal);
        container["imagePullPolicy"] ??= isLatest ? "Always" : "IfNotPresent";
        if (container["resources"] is not JsonObject resources)
            container["resources"] = resources = [];
        foreach (var (name, limit) in (resources["limits"] as JsonObject ?? []).ToList())
        {
            if (resources["requests"] is not JsonObject requests)
                resources["requests"] = requests = [];
            requests[name] ??= limit?.DeepClone();
        }
    }

    private static IEnumerable<FieldError> ContainerErrors(JsonObject spec)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var volumes = spec.Objects("volumes").Select(v => v.Text("name")).ToHashSet();
        foreach (var list in (string[])["initContainers", "containers"])
        {
            var i = 0;
            foreach (var container in spec.Objects(list))
            {
                var path = $"spec.{list}[{i++}]";
                var name = container.Text("name") ?? "";
                if (name.Length == 0)
                    yield return FieldError.Required($"{path}.name");
                else if (!NameRules.IsDnsLabel(name))
                    yield return FieldError.Invalid(
                        $"{path}.name", $"\"{name}\"", "must be a lowercase RFC 1123 label");
                else if (!names.Add(name))
                    yield return FieldError.Duplicate($"{path}.name", $"\"{name}\"");
                if (string.IsNullOrEmpty(container.Text("image")))
                    yield return FieldError.Required($"{path}.image");
                foreach (var mount in container.Objects("volumeMounts"))
                {
                    // The service account admission adds its own volume; every other must be declared.
                    if (!volumes.Contains(mount.Text("name")))
                        yield return new FieldError(
                            $"{path}.volumeMounts", "FieldValueNotFound", $"Not found: \"{mount.Text("name")}\"");
                }
            }
        }
    }

    private static string QosClass(JsonObject spec)
    {
        var containers = spec.Objects("containers").ToList();
        var resources = containers.ConvertAll(c => c.At("resources"));
        if (resources.TrueForAll(r => r.At("limits") is null && r.At("requests") is null))
            return "BestEffort";
        return resources.TrueForAll(r => r.At("limits", "cpu") is not null && r.At("limits", "memory") is not null
            && JsonNode.DeepEquals(r.At("limits"), r.At("requests"))) ? "Guaranteed" : "Burstable";
    }

    private static JsonObject? Fixed(JsonNode? spec)
    {
        if (spec?.DeepClone() is not JsonObject copy)
            return null;
        copy.Remove("activeDeadlineSeconds");
        copy.Remove("tolerations");
        // Deprecated alias of serviceAccountName that typed clients may or may not send back.
        copy.Remove("serviceAccount");
        foreach (var container in copy.Objects("containers").Concat(copy.Objects("initContainers")))
            container.Remove("image");
        return copy;
    }
}
