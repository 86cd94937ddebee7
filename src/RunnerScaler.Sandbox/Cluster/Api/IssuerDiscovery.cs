using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>
/// Who gives tokens to service accounts, and how their signatures are verified. See
/// https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery.
/// </summary>
internal sealed class IssuerDiscovery(PodTokens tokens, AccessRules access)
{
    public const string Configuration = "/.well-known/openid-configuration";
    public const string Keys = "/openid/v1/jwks";

    public static IReadOnlyList<string> Paths { get; } = [Configuration, Keys];

    /// <returns>Null if the request is about something else.</returns>
    /// <exception cref="KubeFailure">403; 406 if the form of the answer is not asked for.</exception>
    public KubeResponse? Answer(HttpRequest http, KubeUser user)
    {
        if (http.Method != "GET" || !Paths.Contains(http.Path.Value))
            return null;
        var path = http.Path.Value!;
        if (!access.Allows(user.Name, "get", path, null, null))
            throw KubeFailure.ForbiddenPath(user.Name, "get", path);
        var isKeys = path == Keys;
        var form = isKeys ? "application/jwk-set+json" : "application/json";
        var accepted = http.Headers.Accept.ToString();
        if (accepted.Length > 0 && !accepted.Contains(form, StringComparison.Ordinal)
            && !accepted.Contains("*/*", StringComparison.Ordinal))
            return new KubeResponse(406, "406: Not Acceptable"u8.ToArray());
        return KubeResponse.Of(200, isKeys ? tokens.Keys.PublicKeys() : ConfigurationAt(http));
    }

    private static JsonObject ConfigurationAt(HttpRequest http) => new()
    {
        ["issuer"] = PodTokens.Issuer,
        ["jwks_uri"] = $"https://{http.Host}{Keys}",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
    };
}
