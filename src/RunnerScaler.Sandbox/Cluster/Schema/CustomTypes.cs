using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Schema;

/// <summary>Reading CustomResourceDefinitions: the type they declare, and what is wrong with them.</summary>
internal static class CustomTypes
{
    /// <summary>The type that a definition declares, in its storage version.</summary>
    public static ResourceType TypeOf(JsonObject definition)
    {
        var version = StorageVersion(definition);
        var names = definition.At("spec", "names");
        var scale = version.At("subresources", "scale");
        return new ResourceType(definition.Text("spec", "group")!, version.Text("name")!, names.Text("plural")!,
            names.Text("kind")!, definition.Text("spec", "scope") == "Namespaced")
        {
            IsCustom = true,
            HasGeneration = true,
            UpdatesUnconditionally = false,
            HasStatus = version.At("subresources", "status") is not null,
            Schema = version.At("schema", "openAPIV3Schema")?.DeepClone().AsObject(),
            ShortNames = names.At("shortNames") is JsonArray shorts ? [.. shorts.Select(s => s.Text() ?? "")] : [],
            Scale = scale.Text("specReplicasPath") is not { } spec ? null : new ScalePaths(spec,
                scale.Text("statusReplicasPath") ?? ".status.replicas", scale.Text("labelSelectorPath")),
        };
    }

    /// <summary>What the API server would refuse; empty when the definition is acceptable.</summary>
    public static IReadOnlyList<FieldError> Errors(JsonObject definition)
    {
        var errors = new List<FieldError>();
        string[][] required =
            [["spec", "group"], ["spec", "names", "plural"], ["spec", "names", "kind"], ["spec", "scope"]];
        foreach (var path in required)
        {
            if (string.IsNullOrEmpty(definition.Text(path)))
                errors.Add(FieldError.Required(string.Join('.', path)));
        }
        if (definition.Text("spec", "scope") is { } scope and not ("Namespaced" or "Cluster"))
            errors.Add(FieldError.NotSupported("spec.scope", $"\"{scope}\"", ["\"Cluster\"", "\"Namespaced\""]));
        var expected = $"{definition.Text("spec", "names", "plural")}.{definition.Text("spec", "group")}";
        if (definition.Text("metadata", "name") is var name && name != expected)
        {
            errors.Add(FieldError.Invalid("metadata.name", $"\"{name}\"",
                "must be spec.names.plural+\".\"+spec.group"));
        }
        var versions = definition.Objects("spec", "versions").ToList();
        if (versions.Count(v => v.IsTrue("storage")) != 1)
        {
            errors.Add(FieldError.Invalid("spec.versions", $"{versions.Count} versions",
                "must have exactly one version marked as storage version"));
        }
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].Text("schema", "openAPIV3Schema", "type") != "object")
                errors.Add(FieldError.Required($"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required"));
        }
        return errors;
    }

    /// <summary>Fills in what the server fills in.</summary>
    public static void SetDefaults(JsonObject definition)
    {
        if (definition.At("spec", "names") is not JsonObject names || names.Text("kind") is not { } kind)
            return;
        names["singular"] ??= kind.ToLowerInvariant();
        names["listKind"] ??= kind + "List";
        if (definition.At("spec") is JsonObject spec)
            spec["conversion"] ??= new JsonObject { ["strategy"] = "None" };
    }

    /// <summary>The status of a definition whose API is served.</summary>
    public static JsonObject EstablishedStatus(JsonObject definition, DateTimeOffset now) => new()
    {
        ["conditions"] = new JsonArray(
            Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
            Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now)),
        ["acceptedNames"] = definition.At("spec", "names")!.DeepClone(),
        ["storedVersions"] = new JsonArray(StorageVersion(definition).Text("name")),
    };

    private static JsonObject Condition(string type, string reason, string message, DateTimeOffset now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = Meta.Stamp(now),
        ["reason"] = reason,
        ["message"] = message,
    };

    private static JsonObject StorageVersion(JsonObject definition) =>
        definition.Objects("spec", "versions").First(v => v.IsTrue("storage"));
}
