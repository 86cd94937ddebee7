using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>One request to the Actions service, as a route sees it.</summary>
internal sealed class ActionsCall(HttpContext http, Organization organization, TimeProvider clock, JsonElement body)
{
    private const string Version = "6.0-preview";

    public Organization Organization { get; } = organization;

    public TimeProvider Clock { get; } = clock;

    /// <summary>What was sent; <see cref="JsonValueKind.Undefined"/> when nothing was.</summary>
    public JsonElement Body { get; } = body;

    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>The address of the server that the caller used.</summary>
    public string Site => $"{http.Request.Scheme}://{http.Request.Host}";

    public string? Authorization => http.Request.Headers.Authorization;

    /// <summary>The token after <c>Bearer</c>; empty if none was sent.</summary>
    public string Bearer => Authorization is { } sent && sent.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        ? sent["Bearer ".Length..].Trim()
        : "";

    /// <summary>The part of addresses that stands for a scope: a token is good there only.</summary>
    public static string TenantOf(string scope) =>
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes(scope.ToUpperInvariant()));

    /// <summary>The scope of the administrator's token that was sent.</summary>
    /// <exception cref="ActionsRefusal">
    /// 401: none, expired, or of another tenant; 400: not the version that there is.
    /// </exception>
    public string Scope()
    {
        if (Query("api-version") != Version)
            throw new ActionsRefusal(400, "VssVersionNotSpecifiedException", $"Send api-version={Version}.");
        var scope = Organization.RunnerTokens.Authenticate(Bearer).Scope;
        return TenantOf(scope) == Text("tenant") ? scope : throw ActionsRefusal.Unauthorized("Invalid Claims");
    }

    public string? Query(string name) => http.Request.Query.TryGetValue(name, out var value) ? (string?)value : null;

    public string? Header(string name) => http.Request.Headers[name].FirstOrDefault();

    public string Text(string name) => (string)http.Request.RouteValues[name]!;

    /// <exception cref="ActionsRefusal">400: not a number.</exception>
    public long Id(string name) => Number(Text(name));

    /// <exception cref="ActionsRefusal">400: not a number.</exception>
    public static long Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw ActionsRefusal.Invalid("An identifier is a number.");

    /// <summary>
    /// A member of the body by its name in any case, as the service reads it; null when it is not there.
    /// </summary>
    public JsonElement? Member(string name) => Member(Body, name);

    /// <inheritdoc cref="Member(string)"/>
    public static JsonElement? Member(JsonElement body, string name)
    {
        if (body.ValueKind != JsonValueKind.Object) return null;
        foreach (var member in body.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                && member.Value.ValueKind != JsonValueKind.Null)
                return member.Value;
        }

        return null;
    }

    /// <exception cref="ActionsRefusal">400: it is there, but no string.</exception>
    public string? TextMember(string name) => Member(name) is not { } member ? null
        : member.ValueKind == JsonValueKind.String ? member.GetString()
        : throw ActionsRefusal.Invalid($"{name} is no string.");
}
