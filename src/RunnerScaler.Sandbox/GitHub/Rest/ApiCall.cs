using System.Globalization;
using System.Text.Json;
using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>One authenticated request, as a route sees it.</summary>
internal sealed class ApiCall(
    HttpContext http, Organization organization, RateLimits limits, Caller caller, JsonElement body)
{
    public Organization Organization { get; } = organization;

    public RateLimits Limits { get; } = limits;

    public Caller Caller { get; } = caller;

    /// <summary>The JSON object sent; <see cref="JsonValueKind.Undefined"/> when none was.</summary>
    public JsonElement Body { get; } = body;

    /// <summary>The addresses that bodies refer to.</summary>
    public Links Links { get; } = new($"{http.Request.Scheme}://{http.Request.Host}");

    /// <summary>What the caller would have needed, for the header <c>x-accepted-github-permissions</c>.</summary>
    public string? AcceptedPermission { get; set; }

    public bool Has(string name) => http.Request.RouteValues.ContainsKey(name);

    /// <summary>Entries of a page at most.</summary>
    public int LargestPage { get; init; } = 100;

    public string Text(string name) => (string)http.Request.RouteValues[name]!;

    /// <exception cref="GitHubRefusal">404: not a number.</exception>
    public long Id(string name) =>
        long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw GitHubRefusal.NotFound();

    public string Version =>
        http.Request.Headers["X-GitHub-Api-Version"].FirstOrDefault() ?? ApiEndpoint.DefaultVersion;

    public string? Query(string name) => http.Request.Query.TryGetValue(name, out var value) ? (string?)value : null;

    public Paging Paging() => new(http.Request, LargestPage);
}
