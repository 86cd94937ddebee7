using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>The proxy that jobs and builds use. Claims do not: the controller is in the cluster.</summary>
/// <param name="Http">For addresses that begin with <c>http</c>; empty for none.</param>
/// <param name="Https">For those that begin with <c>https</c>; empty for none.</param>
/// <param name="Not">What is reached directly, separated by commas.</param>
internal sealed record PodProxy(string Http, string Https, string Not)
{
    public static PodProxy None { get; } = new("", "", "");

    /// <summary>
    /// Gives a container the variables, in capitals and in small letters: programs differ in which they read.
    /// </summary>
    public void PutInto(JsonObject container)
    {
        if (Http.Length + Https.Length == 0)
            return;
        foreach (var (name, value) in ((string, string)[])[("HTTP_PROXY", Http), ("HTTPS_PROXY", Https),
            ("NO_PROXY", Not)])
            if (value.Length > 0)
            {
                PodJson.PutVariable(container, name, value);
                PodJson.PutVariable(container, name.ToLowerInvariant(), value);
            }
    }
}
