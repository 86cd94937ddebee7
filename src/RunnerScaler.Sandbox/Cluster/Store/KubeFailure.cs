using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// An answer other than success, as the API server words it. <see cref="ToStatus"/> is the body of the response.
/// See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/.
/// </summary>
internal sealed class KubeFailure(int code, string reason, string message, JsonObject? details = null)
    : Exception(message)
{
    public int Code => code;

    public string Reason => reason;

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = reason,
        };
        if (details is not null)
            status["details"] = details.DeepClone();
        status["code"] = code;
        return status;
    }

    public static KubeFailure NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.Resource} \"{name}\" not found", Details(type, name));

    /// <summary>The URL names nothing that is served.</summary>
    public static KubeFailure NoSuchPath() =>
        new(404, "NotFound", "the server could not find the requested resource", []);

    public static KubeFailure AlreadyExists(StoredObject existing)
    {
        var deleting = existing.Value.Metadata()["deletionTimestamp"] is not null;
        var message = $"{existing.Type.Resource} \"{existing.Name}\" already exists";
        return new KubeFailure(409, "AlreadyExists", deleting ? $"object is being deleted: {message}" : message,
            Details(existing.Type, existing.Name));
    }

    public static KubeFailure Conflict(ResourceType type, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.Resource} \"{name}\": {why}",
            Details(type, name));

    public static KubeFailure Stale(ResourceType type, string name) => Conflict(type, name,
        "the object has been modified; please apply your changes to the latest version and try again");

    public static KubeFailure Invalid(ResourceType type, string name, IReadOnlyList<FieldError> errors)
    {
        var details = Details(type, name);
        details["kind"] = type.Kind;
        details["causes"] = new JsonArray([.. errors.Select(e => (JsonNode)new JsonObject
        {
            ["reason"] = e.Reason,
            ["message"] = e.Message,
            ["field"] = e.Field,
        })]);
        var text = errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors)}]";
        return new KubeFailure(
            422, "Invalid", $"{type.Kind}{GroupSuffix(type)} \"{name}\" is invalid: {text}", details);
    }

    public static KubeFailure BadRequest(string message) => new(400, "BadRequest", message);

    public static KubeFailure Forbidden(ResourceType type, string name, string why) =>
        new(403, "Forbidden", $"{type.Resource} \"{name}\" is forbidden: {why}", Details(type, name));

    public static KubeFailure Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static KubeFailure Expired(string message) => new(410, "Expired", message);

    public static KubeFailure MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    /// <summary>A path that is no object's.</summary>
    public static KubeFailure ForbiddenPath(string user, string verb, string path) =>
        new(403, "Forbidden", $"forbidden: User \"{user}\" cannot {verb} path \"{path}\"", []);

    public static KubeFailure UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message, []);

    private static JsonObject Details(ResourceType type, string name)
    {
        var details = new JsonObject { ["name"] = name };
        if (type.Group.Length > 0)
            details["group"] = type.Group;
        details["kind"] = type.Plural;
        return details;
    }

    private static string GroupSuffix(ResourceType type) => type.Group.Length == 0 ? "" : "." + type.Group;
}

/// <summary>One thing that is wrong in an object, with the path of the field.</summary>
internal sealed record FieldError(string Field, string Reason, string Message)
{
    public static FieldError Required(string field, string? hint = null) =>
        new(field, "FieldValueRequired", hint is null ? "Required value" : $"Required value: {hint}");

    public static FieldError Invalid(string field, string value, string why) =>
        new(field, "FieldValueInvalid", $"Invalid value: {value}: {why}");

    public static FieldError Forbidden(string field, string why) =>
        new(field, "FieldValueForbidden", $"Forbidden: {why}");

    public static FieldError Duplicate(string field, string value) =>
        new(field, "FieldValueDuplicate", $"Duplicate value: {value}");

    public static FieldError NotSupported(string field, string value, IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported",
            $"Unsupported value: {value}: supported values: {string.Join(", ", supported)}");

    public override string ToString() => $"{Field}: {Message}";
}
