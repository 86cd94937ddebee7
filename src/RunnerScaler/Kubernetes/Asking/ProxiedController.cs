using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Asking;

/// <summary>What a question to a controller came back with.</summary>
/// <param name="Code">The HTTP status; 0 for no answer.</param>
/// <param name="Text">The answer, or why there is none.</param>
internal sealed record ProxiedReply(int Code, string Text)
{
    public bool Ok => Code is >= 200 and < 300;
}

/// <summary>
/// A controller behind the API server's proxy for Services
/// (<see href="https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/"/>), which whoever
/// reaches the cluster reaches.
/// </summary>
/// <param name="api">The API server, as who asks.</param>
/// <param name="place">Where the controller is.</param>
/// <param name="token">Who asks, for the controller; null for the token that the API server is shown.</param>
internal sealed class ProxiedController(ApiServer api, ControllerPlace place, string? token)
{
    private readonly string root = $"{ResourcePaths.Services(place.Namespace)}/"
        + $"http:{Uri.EscapeDataString(place.Name)}:{ControllerSearch.Port}/proxy";

    /// <param name="path">Below the controller's root, with its query.</param>
    /// <param name="accept">The form of the answer.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<ProxiedReply> AskAsync(string path, string accept, CancellationToken cancel)
    {
        var (code, text, isTold) = await api.AskBehindAsync(root + path, accept, token, cancel);
        if (code is >= 200 and < 300)
            return new(code, text);
        if (code == 0)
            return new(code, $"The controller cannot be asked: {text}.");
        return new(code, WordsOf(text) switch
        {
            (var status, true) => OfApiServer(code, status),
            _ when code == 401 && !isTold => "Your kubeconfig shows a certificate, which the controller cannot see, "
                + "and no token. Name a ServiceAccount whose tokens you may make, and that may read the pools: "
                + "--service-account=NAMESPACE/NAME.",
            var (words, _) => words,
        });
    }

    /// <summary>A token for a quarter of an hour.</summary>
    /// <param name="api">The API server, as who may make it.</param>
    /// <param name="account">Whose.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The token, or why there is none.</returns>
    public static async Task<(string? Token, string Why)> TokenAsync(
        ApiServer api, ControllerPlace account, CancellationToken cancel)
    {
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject { ["expirationSeconds"] = 900 },
        };
        var answer = await api.SendAsync(
            HttpMethod.Post, ResourcePaths.AccountToken(account.Namespace, account.Name), request, cancel);
        return answer.Root.Member("status").Text("token") is { Length: > 0 } token
            ? (token, "")
            : (null, $"A token for the ServiceAccount {account} cannot be made: {answer.Why}");
    }

    private string OfApiServer(int code, string why) => code switch
    {
        403 => $"You may not ask the controller through the API server: {why}. It takes the verb get on services/proxy "
            + $"named 'http:{place.Name}:{ControllerSearch.Port}' in namespace '{place.Namespace}'.",
        404 => $"There is no Service {place}: {why}. Say where the controller is: --controller=NAMESPACE/SERVICE.",
        401 => $"The API server does not take your kubeconfig's credentials: {why}.",
        _ => $"The API server does not reach the controller {place}: {why}. See whether its pods run.",
    };

    /// <summary>Who answers no: the API server with a Status, the controller with a problem, or with text.</summary>
    private static (string Words, bool OfApiServer) WordsOf(string text)
    {
        try
        {
            JsonElement? root = JsonText.Parse(System.Text.Encoding.UTF8.GetBytes(text)).RootElement;
            return root.Text("kind") == "Status"
                ? ((root.Text("message") ?? "").TrimEnd('.'), true)
                : (root.Text("detail") ?? text, false);
        }
        catch (JsonException)
        {
            return (text, false);
        }
    }
}
