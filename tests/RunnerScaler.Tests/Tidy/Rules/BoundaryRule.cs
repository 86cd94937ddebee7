using System.Text.RegularExpressions;

namespace RunnerScaler.Tests.Tidy.Rules;

/// <summary>
/// What others write is read in one folder for each boundary, so that bounds are kept in one place: what pods say in
/// <c>Kubernetes/Pods</c> and <c>Kubernetes/Claims</c>, what the API server serves in <c>Kubernetes/Api</c>, what
/// GitHub answers in <c>GitHub</c>.
/// </summary>
internal static partial class BoundaryRule
{
    private const string Source = "src/RunnerScaler/";

    private static readonly (Regex What, string Name, string[] Folders)[] Readers =
    [
        (Parsers(), "JSON is parsed", ["Kubernetes/Api", "Kubernetes/Claims", "GitHub"]),
        (Texts(), "a JSON text is taken", ["Kubernetes/Api", "GitHub"]),
        (Marks(), "a pod's labels, annotations or last words are read", ["Kubernetes/Pods"]),
    ];

    public static IEnumerable<Finding> Check(SourceFile file) =>
        from reader in Readers
        where file.Path.StartsWith(Source, StringComparison.Ordinal)
            && !reader.Folders.Any(f => file.IsUnder(Source + f))
        from Match use in reader.What.Matches(file.Code)
        select new Finding(file.Path, file.LineAt(use.Index),
            $"{reader.Name} here ({use.Value}): move it to {string.Join(" or ", reader.Folders)}, where bounds are");

    [GeneratedRegex(@"\bJson(?:Document|Node|Element)\.Parse\w*|\bJsonSerializer\.Deserialize|\bnew Utf8JsonReader")]
    private static partial Regex Parsers();

    [GeneratedRegex(@"\.(?:GetString|GetInt32|GetInt64|GetDouble|GetDateTimeOffset)\(\)")]
    private static partial Regex Texts();

    [GeneratedRegex(
        @"\.(?:Text|Member|Number|Time|Each)\(Marks\.|\b(?:ClaimAnnotationJson|TerminationMessage)\.Read\(")]
    private static partial Regex Marks();
}
