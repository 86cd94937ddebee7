using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>A kubeconfig for jobs, as JSON, which is YAML too. It holds no secret, only where the token is.</summary>
internal static class KubeConfigText
{
    private const string Name = "cluster";

    /// <param name="defaultNamespace">Where kubectl works if it is told nothing else.</param>
    /// <param name="folder">Where <c>token</c> and <c>ca.crt</c> are.</param>
    public static string Write(string defaultNamespace, string folder) => new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Config",
        ["clusters"] = Named("cluster", new JsonObject
        {
            ["server"] = "https://kubernetes.default.svc",
            ["certificate-authority"] = folder + "/ca.crt",
        }),
        ["users"] = Named("user", new JsonObject { ["tokenFile"] = folder + "/token" }),
        ["contexts"] = Named("context", new JsonObject
        {
            ["cluster"] = Name,
            ["user"] = Name,
            ["namespace"] = defaultNamespace,
        }),
        ["current-context"] = Name,
    }.ToJsonString();

    private static JsonArray Named(string field, JsonObject value) =>
        new(new JsonObject { ["name"] = Name, [field] = value });
}
