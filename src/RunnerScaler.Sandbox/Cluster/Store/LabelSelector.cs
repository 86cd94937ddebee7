using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// A label selector in the form of a query parameter: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.
/// See https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors.
/// </summary>
internal sealed partial class LabelSelector
{
    private readonly IReadOnlyList<Requirement> requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => this.requirements = requirements;

    public bool IsEmpty => requirements.Count == 0;

    /// <summary>Reads a selector; an empty text selects everything.</summary>
    /// <exception cref="KubeFailure">400 when the text is not a selector.</exception>
    public static LabelSelector Parse(string? text)
    {
        var requirements = new List<Requirement>();
        var rest = text?.Trim() ?? "";
        while (rest.Length > 0)
        {
            var match = RequirementPattern().Match(rest);
            if (!match.Success)
                throw KubeFailure.BadRequest($"unable to parse requirement: found '{rest}'");
            requirements.Add(Requirement.From(match));
            rest = rest[match.Length..];
        }
        return new LabelSelector(requirements);
    }

    public bool Matches(JsonObject value)
    {
        var labels = value.At("metadata", "labels");
        foreach (var requirement in requirements)
        {
            if (!requirement.Accepts(labels.Text(requirement.Key)))
                return false;
        }
        return true;
    }

    [GeneratedRegex("""
        ^\s*(?:(?<not>!)\s*(?<key>[\w./-]+)
        |(?<key>[\w./-]+)\s+(?<set>in|notin)\s*\(\s*(?<values>[^()]*)\)
        |(?<key>[\w./-]+)\s*(?<op>==|=|!=)\s*(?<value>[\w.-]*)
        |(?<key>[\w./-]+))\s*(?:,(?=.)|$)
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex RequirementPattern();

    private sealed record Requirement(string Key, bool Negated, IReadOnlyList<string>? Values)
    {
        public static Requirement From(Match match)
        {
            var key = match.Groups["key"].Value;
            if (match.Groups["set"].Success)
            {
                return new Requirement(key, match.Groups["set"].Value == "notin",
                    match.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries));
            }
            if (match.Groups["op"].Success)
                return new Requirement(key, match.Groups["op"].Value == "!=", [match.Groups["value"].Value]);
            return new Requirement(key, match.Groups["not"].Success, null);
        }

        /// <summary>A missing label satisfies every negated requirement, as at the real server.</summary>
        public bool Accepts(string? label) =>
            (label is not null && (Values is null || Values.Contains(label))) != Negated;
    }
}
