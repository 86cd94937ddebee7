using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Rules;

/// <summary>
/// Leases and events carry MicroTime, which the server reads only with exactly six decimals; anything else fails to
/// decode (400). See https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#MicroTime.
/// </summary>
internal static partial class TimeRules
{
    public static void RequireMicroTimes(JsonObject value, params string[][] paths)
    {
        foreach (var path in paths)
        {
            if (value.At(path) is { } node && (node.Text() is not { } text || !MicroTime().IsMatch(text)))
            {
                throw KubeFailure.BadRequest($"{value.Text("kind")}: {string.Join('.', path)}: parsing time "
                    + $"{node.ToJsonString()} as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse");
            }
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex MicroTime();
}
