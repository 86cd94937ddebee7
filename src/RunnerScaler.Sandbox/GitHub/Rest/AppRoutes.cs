using System.Text.Json;
using RunnerScaler.Sandbox.GitHub.Credentials;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>Apps, their installations and tokens, and the rate limit (https://docs.github.com/en/rest/apps).</summary>
internal static class AppRoutes
{
    public static void Add(ApiRoutes routes)
    {
        routes.Get("/app", GetApp);
        routes.Get("/app/installations", ListInstallations);
        routes.Get("/app/installations/{installation_id}", call => Show(call, ById(call)));
        routes.Get("/orgs/{org}/installation", call => Show(call, ByAccount(call, "org", AccountKind.Organization)));
        routes.Get("/users/{user}/installation", call => Show(call, ByAccount(call, "user", AccountKind.User)));
        routes.Get("/repos/{owner}/{repo}/installation", call => Show(call, ByRepository(call)));
        routes.Post("/app/installations/{installation_id}/access_tokens", CreateToken);
        routes.Get("/rate_limit", GetRateLimit, free: true);
    }

    private static ApiAnswer GetApp(ApiCall call)
    {
        var app = call.App();
        var installations = call.Organization.Credentials.InstallationsOf(app).Count;
        return ApiAnswer.Ok(json => json.WriteApp(app, installations, call.Links));
    }

    private static ApiAnswer ListInstallations(ApiCall call)
    {
        var installations = call.Organization.Credentials.InstallationsOf(call.App());
        var paging = call.Paging();
        return ApiAnswer.Ok(json => json.WriteArray(
            paging.Cut(installations), installation => json.WriteInstallation(installation, call.Links))) with
        {
            Link = paging.Link(installations.Count),
        };
    }

    private static ApiAnswer Show(ApiCall call, Installation? installation) => installation is null
        ? throw GitHubRefusal.NotFound()
        : ApiAnswer.Ok(json => json.WriteInstallation(installation, call.Links));

    private static Installation? ById(ApiCall call)
    {
        var app = call.App();
        var installation = call.Organization.Credentials.FindInstallation(call.Id("installation_id"));
        return installation?.App.Id == app.Id ? installation : null;
    }

    private static Installation? ByAccount(ApiCall call, string routeValue, AccountKind kind) =>
        call.Organization.Credentials.InstallationsOf(call.App()).FirstOrDefault(installation =>
            installation.Account.Kind == kind
            && installation.Account.Login.Equals(call.Text(routeValue), StringComparison.OrdinalIgnoreCase));

    private static Installation? ByRepository(ApiCall call)
    {
        var installations = call.Organization.Credentials.InstallationsOf(call.App());
        return call.FindRepository() is { } repository
            ? installations.FirstOrDefault(installation => installation.Covers(repository))
            : null;
    }

    private static ApiAnswer CreateToken(ApiCall call)
    {
        var installation = ById(call) ?? throw GitHubRefusal.NotFound();
        var token = call.Organization.Credentials.CreateToken(installation, ReadRequest(call.Body));
        return ApiAnswer.Created(json => json.WriteToken(token));
    }

    private static TokenRequest ReadRequest(JsonElement body)
    {
        try
        {
            return body.ValueKind == JsonValueKind.Undefined
                ? new TokenRequest()
                : body.Deserialize<TokenRequest>(Reading) ?? new TokenRequest();
        }
        catch (JsonException)
        {
            throw new GitHubRefusal(422, "Invalid request. Send permissions, repositories or repository_ids.");
        }
    }

    private static readonly JsonSerializerOptions Reading =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static ApiAnswer GetRateLimit(ApiCall call)
    {
        var core = call.Limits.Charge(call.Caller, 0);
        var untouched = core with { Used = 0 };
        return ApiAnswer.Ok(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("resources");
            WriteBudget(json, "core", core);
            WriteBudget(json, "search", untouched with { Limit = 30 });
            WriteBudget(json, "graphql", untouched with { Limit = 5000 });
            WriteBudget(
                json, RateLimits.Registrations, call.Limits.Charge(call.Caller, 0, RateLimits.Registrations));
            json.WriteEndObject();
            if (call.Version == ApiEndpoint.DefaultVersion) WriteBudget(json, "rate", core);
            json.WriteEndObject();
        });
    }

    private static void WriteBudget(Utf8JsonWriter json, string name, Budget budget)
    {
        json.WriteStartObject(name);
        json.WriteNumber("limit", budget.Limit);
        json.WriteNumber("used", budget.Used);
        json.WriteNumber("remaining", budget.Remaining);
        json.WriteNumber("reset", budget.ResetsAt.ToUnixTimeSeconds());
        json.WriteEndObject();
    }
}
