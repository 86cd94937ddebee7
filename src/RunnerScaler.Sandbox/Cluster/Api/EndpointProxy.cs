using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>
/// The API server's proxy for Services, as far as reading goes: asks one of the addresses that the Endpoints of the
/// Service's name have, without the token that the API server itself was shown.
/// </summary>
internal sealed partial class EndpointProxy(ObjectStore store, AccessRules access)
{
    public const string Resource = "services/proxy";

    /// <summary>What the API server takes for itself.</summary>
    private static readonly string[] Kept = ["Authorization", "Host", "Connection"];

    private static readonly HttpClient Http =
        new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private int turn;

    /// <param name="Namespace">Of the Service.</param>
    /// <param name="Named">Scheme, name and port, as they stand in the path.</param>
    /// <param name="Rest">What the Service is asked for.</param>
    public sealed record Target(string Namespace, string Named, string Rest)
    {
        public string Name => Named.Split(':') is [_, var name, _] ? name : Named.Split(':')[0];

        public string Port => Named.Contains(':', StringComparison.Ordinal) ? Named.Split(':')[^1] : "";
    }

    /// <summary>Null if the request is about something else.</summary>
    public static Target? Read(HttpRequest request) =>
        request.Method == "GET" && Path().Match(request.Path.Value ?? "") is { Success: true } match
            ? new(match.Groups["ns"].Value, match.Groups["name"].Value,
                $"/{match.Groups["rest"].Value}{request.QueryString}")
            : null;

    /// <returns>The HTTP status that was sent.</returns>
    /// <exception cref="KubeFailure">The user may not, or there is nothing to ask.</exception>
    public async Task<int> PassAsync(Target target, HttpContext context, KubeUser user)
    {
        if (!access.Allows(user.Name, "get", Resource, target.Namespace, target.Named))
            throw new KubeFailure(403, "Forbidden",
                $"services \"{target.Named}\" is forbidden: User \"{user.Name}\" cannot get resource "
                + $"\"{Resource}\" in API group \"\" in the namespace \"{target.Namespace}\"");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(AddressOf(target), target.Rest));
        foreach (var (name, values) in context.Request.Headers.Where(h => !Kept.Contains(h.Key) && h.Key[0] != ':'))
            request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        try
        {
            using var answer = await Http.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException e)
        {
            throw new KubeFailure(
                503, "ServiceUnavailable", $"error trying to reach service: {e.GetBaseException().Message}");
        }
    }

    private Uri AddressOf(Target target)
    {
        if (store.Find(KnownTypes.Services, target.Namespace, target.Name) is null)
            throw new KubeFailure(404, "NotFound", $"services \"{target.Name}\" not found");
        var all = store.Find(KnownTypes.Endpoints, target.Namespace, target.Name)?.Value.Objects("subsets")
            .SelectMany(AddressesOf).ToArray() ?? [];
        return all.Length > 0
            ? all[Interlocked.Increment(ref turn) % all.Length]
            : throw new KubeFailure(
                503, "ServiceUnavailable", $"no endpoints available for service \"{target.Named}\"");

        IEnumerable<Uri> AddressesOf(JsonObject subset) =>
            from address in subset.Objects("addresses")
            from port in subset.Objects("ports")
            where port.Text("name") == target.Port
            select new UriBuilder("http", address.Text("ip"), (int)port.Number("port")!.Value).Uri;
    }

    [GeneratedRegex("^/api/v1/namespaces/(?<ns>[^/]+)/services/(?<name>[^/]+)/proxy/(?<rest>.*)$")]
    private static partial Regex Path();
}
