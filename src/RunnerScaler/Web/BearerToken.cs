using RunnerScaler.Control.Ports;

namespace RunnerScaler.Web;

/// <summary>The token that a request shows as <c>Authorization: Bearer</c>.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Null if it shows none.</summary>
    public static string? Of(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        return token.Length > 0 ? token : null;
    }

    /// <summary>The same; or, if it came through the API server, the one of <see cref="ApiHeaders.Token"/>.</summary>
    public static string? OfCaller(HttpRequest request) =>
        Of(request) ?? (request.Headers[ApiHeaders.Token].ToString().Trim() is { Length: > 0 } token ? token : null);
}
