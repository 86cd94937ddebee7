using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>
/// What <c>spec.template</c> must be so that it can be merged and the pod still be ours. Everything else about it is
/// for the API server to judge, which may know fields that we do not.
/// </summary>
internal static class TemplateRules
{
    public static void Check(SpecNode template)
    {
        if (!template.Exists)
            return;
        if (!IsObject(template, "a pod template, with metadata and spec"))
            return;
        foreach (var property in template.Element!.Value.EnumerateObject())
            if (property.Name is not ("metadata" or "spec"))
                template.Inside(property.Name).Fail("is no part of a pod template: put it under metadata or spec");
        CheckMetadata(template.Inside("metadata"));
        CheckSpec(template.Inside("spec"));
    }

    private static void CheckMetadata(SpecNode metadata)
    {
        if (!metadata.Exists || !IsObject(metadata, "labels and annotations"))
            return;
        foreach (var property in metadata.Element!.Value.EnumerateObject())
        {
            var node = metadata.Inside(property.Name);
            if (property.Name is not ("labels" or "annotations"))
                node.Fail("cannot be set, for the controller sets it: remove it; only labels and annotations can be");
            else if (node.Exists && IsObject(node, "names with values"))
                CheckMarks(node);
        }
    }

    private static void CheckMarks(SpecNode marks)
    {
        foreach (var mark in marks.Element!.Value.EnumerateObject())
            if (mark.Name == PodLabels.ManagedBy || mark.Name.StartsWith(PodLabels.Prefix, StringComparison.Ordinal))
                marks.Fail($"sets '{mark.Name}', by which the controller knows its pods: remove it");
            else if (mark.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                marks.Fail($"sets '{mark.Name}' to {mark.Value.GetRawText()}: put the value into quotation marks");
    }

    private static void CheckSpec(SpecNode spec)
    {
        if (!spec.Exists || !IsObject(spec, "the fields of a pod's spec"))
            return;
        spec.Inside("restartPolicy").Word(["Never"], "Never");
        foreach (var container in Named(spec.Inside("initContainers"), "name"))
            CheckContainer(container, needsImage: Name(container) != BuilderPaths.Container);
        foreach (var container in Named(spec.Inside("containers"), "name"))
            CheckContainer(container, needsImage: Name(container) != PodLabels.RunnerContainer);
        foreach (var volume in Named(spec.Inside("volumes"), "name"))
            if (Name(volume).StartsWith(BuilderPaths.OwnPrefix, StringComparison.Ordinal))
                volume.Fail(
                    $"has the name '{Name(volume)}', and the controller names its own volumes like that: give it "
                        + "another");
        Named(spec.Inside("imagePullSecrets"), "name");
    }

    private static void CheckContainer(SpecNode container, bool needsImage)
    {
        if (needsImage && !container.Inside("image").Exists)
            container.Fail(
                $"is the container '{Name(container)}' without an image: set one, or, if the runner itself is meant, "
                    + $"name it '{PodLabels.RunnerContainer}'");
        foreach (var variable in Named(container.Inside("env"), "name"))
            if (Name(variable).StartsWith(PodVariables.Prefix, StringComparison.Ordinal))
                variable.Fail($"sets {Name(variable)}, which the controller sets: remove it");
        foreach (var source in Entries(container.Inside("envFrom")))
            if (Text(source, "prefix").StartsWith(PodVariables.Prefix, StringComparison.Ordinal))
                source.Fail($"sets variables that begin with {PodVariables.Prefix}, as the controller's do");
        CheckPaths(Named(container.Inside("volumeMounts"), "mountPath"), "mountPath");
        CheckPaths(Named(container.Inside("volumeDevices"), "devicePath"), "devicePath");
        foreach (var port in Entries(container.Inside("ports")))
            if (port.Inside("containerPort").Whole(1, 65_535) != RunnerAccess.MetricsPort && Name(port) == "metrics")
                port.Fail("has the name 'metrics', as the controller names the port of the runner's own: rename it");
    }

    private static void CheckPaths(List<SpecNode> mounts, string key)
    {
        var places = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mount in mounts)
        {
            var path = Text(mount, key);
            if (PlainPath.StartsWith(path, BuilderPaths.OwnFolder))
                mount.Fail($"mounts over {path.Quote()}, which the controller uses: choose another path");
            else if (!places.Add(PlainPath.Of(path)))
                mount.Fail($"mounts over {path.Quote()}, as an entry before it does in another spelling: remove one");
        }
    }

    /// <summary>The entries of a list that is merged by a key; each has the key, and no two the same.</summary>
    private static List<SpecNode> Named(SpecNode list, string key)
    {
        var entries = Entries(list);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var name = entry.Inside(key).Text("a text", n => n.Length > 0);
            if (name.Length > 0 && !names.Add(name))
                entry.Fail($"is a second entry with the {key} '{name}': remove one of the two");
        }
        return [.. entries.Where(e => Text(e, key).Length > 0)];
    }

    private static List<SpecNode> Entries(SpecNode list) =>
        [.. list.Items(0, 1000).Where(entry => IsObject(entry, "an object with fields"))];

    private static string Name(SpecNode entry) => Text(entry, "name");

    private static string Text(SpecNode entry, string key) => entry.Element.Text(key) ?? "";

    private static bool IsObject(SpecNode node, string what)
    {
        if (node.Element is { ValueKind: JsonValueKind.Object } value)
        {
            if (value.TryGetProperty("$patch", out _))
                node.Fail("uses $patch, which is not supported: to remove a field, set it to null");
            return true;
        }
        node.Fail($"is {node.Quote()}: set {what}");
        return false;
    }
}
