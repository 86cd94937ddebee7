using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// A field selector in the form of a query parameter: <c>spec.nodeName=a,status.phase!=Failed</c>.
/// See https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/.
/// </summary>
internal sealed class FieldSelector
{
    private readonly IReadOnlyList<(string[] Path, string Value, bool Negated)> terms;

    private FieldSelector(IReadOnlyList<(string[] Path, string Value, bool Negated)> terms) => this.terms = terms;

    public bool IsEmpty => terms.Count == 0;

    /// <summary>Reads a selector for one type; an empty text selects everything.</summary>
    /// <exception cref="KubeFailure">400 when the text is no selector, or the type has no such field label.</exception>
    public static FieldSelector Parse(ResourceType type, string? text)
    {
        var terms = new List<(string[], string, bool)>();
        foreach (var term in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = term.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw KubeFailure.BadRequest($"invalid selector: '{text}'; can't understand '{term}'");
            var negated = term[at - 1] == '!';
            var field = term[..(negated ? at - 1 : at)];
            var value = term[at..].TrimStart('=');
            if (field is not ("metadata.name" or "metadata.namespace") && !type.FieldLabels.Contains(field))
                throw KubeFailure.BadRequest($"field label not supported: {field}");
            terms.Add((field.Split('.'), value, negated));
        }
        return new FieldSelector(terms);
    }

    public bool Matches(JsonObject value)
    {
        foreach (var (path, wanted, negated) in terms)
        {
            var node = value.At(path);
            var actual = node is null ? "" : node.Text() ?? node.ToJsonString();
            if ((actual == wanted) == negated)
                return false;
        }
        return true;
    }
}
