using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Rules;

/// <summary>
/// Names, labels and annotations as the API server accepts them, see
/// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and …/labels/.
/// </summary>
internal static partial class NameRules
{
    public static IEnumerable<FieldError> Errors(ResourceType type, JsonObject value)
    {
        var name = value.Text("metadata", "name") ?? "";
        var longest = type == KnownTypes.Namespaces ? 63 : 253;
        if (!Subdomain().IsMatch(name))
        {
            yield return FieldError.Invalid("metadata.name", $"\"{name}\"",
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and "
                + "must start and end with an alphanumeric character");
        }
        if (name.Length > longest)
            yield return FieldError.Invalid(
                "metadata.name", $"\"{name}\"", $"must be no more than {longest} characters");
        foreach (var (key, label) in value.At("metadata", "labels") as JsonObject ?? [])
        {
            if (!QualifiedName().IsMatch(key))
                yield return FieldError.Invalid(
                    "metadata.labels", $"\"{key}\"", "name part must consist of alphanumeric characters");
            if (label.Text() is not { Length: <= 63 } text || !LabelValue().IsMatch(text))
            {
                yield return FieldError.Invalid("metadata.labels", label?.ToJsonString() ?? "null",
                    "a valid label must be an empty string or consist of at most 63 alphanumeric characters, '-', '_' "
                    + "or '.', and must start and end with an alphanumeric character");
            }
        }
        foreach (var (key, text) in value.At("metadata", "annotations") as JsonObject ?? [])
        {
            if (!QualifiedName().IsMatch(key))
                yield return FieldError.Invalid(
                    "metadata.annotations", $"\"{key}\"", "name part must consist of alphanumeric characters");
            if (text.Text() is null)
                throw KubeFailure.BadRequest($"metadata.annotations[{key}] is not a string");
        }
        foreach (var error in OwnerErrors(value))
            yield return error;
    }

    /// <summary>Whether the text is a DNS label: a container's or a volume's name.</summary>
    public static bool IsDnsLabel(string text) => text.Length is > 0 and <= 63 && DnsLabel().IsMatch(text);

    private static IEnumerable<FieldError> OwnerErrors(JsonObject value)
    {
        var owners = value.Objects("metadata", "ownerReferences").ToList();
        for (var i = 0; i < owners.Count; i++)
        {
            foreach (var name in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owners[i].Text(name)))
                    yield return FieldError.Invalid(
                        $"metadata.ownerReferences[{i}].{name}", "\"\"", $"{name} must not be empty");
            }
        }
        if (owners.Count(o => o.IsTrue("controller")) > 1)
            yield return FieldError.Invalid(
                "metadata.ownerReferences", "several", "Only one reference can have Controller set to true");
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^([a-zA-Z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex LabelValue();
}
