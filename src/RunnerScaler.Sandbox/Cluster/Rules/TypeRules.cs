using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Schema;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Rules;

/// <summary>What each type adds to an object that is written, and what it refuses.</summary>
internal static class TypeRules
{
    /// <summary>Fills in defaults of a new object and checks it.</summary>
    /// <exception cref="KubeFailure">422 with every error, or 400 when a field cannot be read.</exception>
    public static void Admit(ResourceType type, JsonObject value, DateTimeOffset now)
    {
        SetDefaults(type, value);
        if (type == KnownTypes.Pods)
            PodRules.SetDefaults(value);
        else if (type == KnownTypes.Namespaces)
            SetNamespaceDefaults(value);
        Check(type, value, null);
        if (type == KnownTypes.CustomResourceDefinitions)
            value["status"] = CustomTypes.EstablishedStatus(value, now);
    }

    /// <summary>Fills in defaults of a changed object and checks it.</summary>
    /// <exception cref="KubeFailure">422 with every error, or 400 when a field cannot be read.</exception>
    public static void AdmitChange(ResourceType type, JsonObject before, JsonObject after)
    {
        SetDefaults(type, after);
        Check(type, after, before);
    }

    private static void SetDefaults(ResourceType type, JsonObject value)
    {
        if (type.IsCustom)
        {
            SchemaDefaults.PruneRoot(value, type.Schema);
            SchemaDefaults.SetDefaults(value, type.Schema);
        }
        else if (type == KnownTypes.CustomResourceDefinitions)
        {
            CustomTypes.SetDefaults(value);
        }
        else if (type == KnownTypes.Secrets)
        {
            EncodeSecret(value);
        }
    }

    private static void Check(ResourceType type, JsonObject value, JsonObject? before)
    {
        if (type == KnownTypes.Leases)
            TimeRules.RequireMicroTimes(value, ["spec", "acquireTime"], ["spec", "renewTime"]);
        else if (type == KnownTypes.Events)
            TimeRules.RequireMicroTimes(value, ["eventTime"], ["series", "lastObservedTime"]);
        List<FieldError> errors = [.. NameRules.Errors(type, value), .. OwnErrors(type, value, before)];
        if (errors.Count > 0)
            throw KubeFailure.Invalid(type, value.Text("metadata", "name") ?? "", errors);
    }

    private static IEnumerable<FieldError> OwnErrors(ResourceType type, JsonObject value, JsonObject? before)
    {
        if (type.IsCustom)
            return SchemaCheck.Errors(value, type.Schema);
        if (type == KnownTypes.Pods)
            return before is null ? PodRules.Errors(value) : PodRules.UpdateErrors(before, value);
        if (type == KnownTypes.CustomResourceDefinitions)
            return CustomTypes.Errors(value);
        if (type == KnownTypes.Events && before is null)
            return EventRules.Errors(value);
        if (type == KnownTypes.Leases && value.Number("spec", "leaseDurationSeconds") is <= 0 and var seconds)
            return [FieldError.Invalid("spec.leaseDurationSeconds", $"{seconds}", "must be greater than 0")];
        return [];
    }

    private static void SetNamespaceDefaults(JsonObject value)
    {
        value["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        value["status"] = new JsonObject { ["phase"] = "Active" };
    }

    private static void EncodeSecret(JsonObject secret)
    {
        secret["type"] ??= "Opaque";
        if (secret["stringData"] is not JsonObject plain)
            return;
        if (secret["data"] is not JsonObject data)
            secret["data"] = data = [];
        foreach (var (name, text) in plain)
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.Text() ?? ""));
        secret.Remove("stringData");
    }
}
