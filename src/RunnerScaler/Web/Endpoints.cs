using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Prometheus;
using RunnerScaler.Protocol;
using RunnerScaler.Web.Page;
using RunnerScaler.Web.Webhooks;

namespace RunnerScaler.Web;

/// <summary>All that the controller answers over HTTP.</summary>
internal static partial class Endpoints
{
    /// <summary>
    /// Needs from elsewhere: <see cref="WebOptions"/>, the ports, <see cref="AnswerClaim"/>,
    /// <see cref="AnswerReturn"/>, <see cref="AskKnowledge"/>, each <see cref="Control.Ports.ICheck"/>,
    /// <see cref="ReadWebhook"/>, <see cref="TakeHint"/>,
    /// <see cref="ClaimsCertificate"/>, a <see cref="TimeProvider"/> and the <see cref="CollectorRegistry"/>.
    /// </summary>
    public static IServiceCollection AddEndpoints(this IServiceCollection services) => services
        .AddRouting()
        .AddSingleton<IConfigureOptions<KestrelServerOptions>, Listeners>()
        .AddSingleton<ClaimsEndpoint>()
        .AddSingleton<LeaderRelay>()
        .AddSingleton<Callers>()
        .AddSingleton<PageViews>()
        .AddSingleton<StatusEndpoint>()
        .AddSingleton<ExplainEndpoint>()
        .AddSingleton<HealthEndpoint>()
        .AddSingleton<WebhookSecrets>()
        .AddSingleton<BodyReader>()
        .AddSingleton<RecentDeliveries>()
        .AddSingleton<WebhookHints>()
        .AddSingleton<WebhookEndpoint>();

    public static void MapEndpoints(this WebApplication app)
    {
        var (claims, health) =
            (app.Services.GetRequiredService<ClaimsEndpoint>(), app.Services.GetRequiredService<HealthEndpoint>());
        app.UseListenerKinds();
        app.MapPost(ClaimProtocol.Path, claims.ClaimAsync).At(ListenerKind.Claims);
        app.MapDelete(ClaimProtocol.Path, claims.ReturnAsync).At(ListenerKind.Claims);
        app.MapGet("/healthz", health.LiveAsync).At(ListenerKind.Plain);
        app.MapGet("/readyz", health.ReadyAsync).At(ListenerKind.Plain);
        app.MapMetrics("/metrics", app.Services.GetRequiredService<CollectorRegistry>()).At(ListenerKind.Plain);
        var webhook = app.Services.GetRequiredService<WebhookEndpoint>();
        app.MapPost(WebhookEndpoint.Path, webhook.HandleAsync).At(ListenerKind.Webhooks);
        if (app.Services.GetRequiredService<IOptions<WebOptions>>().Value.WebhookSecrets.Length > 0)
            app.MapPost(WebhookEndpoint.PassedPath, webhook.HandleAsync).At(ListenerKind.Plain);
        app.MapExplanations(app.Services.GetRequiredService<ExplainEndpoint>());
        app.MapPage(app.Services.GetRequiredService<StatusEndpoint>());
        app.Lifetime.ApplicationStarted.Register(() => LogAddresses(app));
    }

    private static void MapExplanations(this WebApplication app, ExplainEndpoint explain)
    {
        app.MapGet("/api/v1/jobs/{id}", explain.JobAsync).At(ListenerKind.Plain);
        app.MapGet("/api/v1/runs/{id}", explain.RunAsync).At(ListenerKind.Plain);
        app.MapGet("/api/v1/pools", explain.PoolsAsync).At(ListenerKind.Plain);
        app.MapGet("/api/v1/pools/{ns}/{name}", explain.PoolAsync).At(ListenerKind.Plain);
        app.MapGet("/api/v1/pods/{ns}/{name}", explain.PodAsync).At(ListenerKind.Plain);
        app.MapGet("/api/v1/checks", explain.ChecksAsync).At(ListenerKind.Plain);
    }

    private static void MapPage(this WebApplication app, StatusEndpoint page)
    {
        app.MapGet("/", page.PageAsync).At(ListenerKind.Plain);
        app.MapGet($"/{StatusEndpoint.Folder}/events", page.EventsAsync).At(ListenerKind.Plain);
        app.MapGet($"/{StatusEndpoint.Folder}/style.css", page.StyleAsync).At(ListenerKind.Plain);
        app.MapGet($"/{StatusEndpoint.Folder}/script.js", page.ScriptAsync).At(ListenerKind.Plain);
    }

    /// <summary>The addresses that were bound; empty before the start. Claims are the ones of <c>https</c>; of the
    /// others the first is for metrics and health, the second for webhooks.</summary>
    public static IReadOnlyCollection<string> Addresses(this IServiceProvider services) =>
        [.. services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    private static void LogAddresses(WebApplication app)
    {
        var all = app.Services.Addresses();
        var plain = all.Where(address => !address.StartsWith("https", StringComparison.Ordinal)).ToArray();
        foreach (var address in all.Except(plain))
            LogClaims(app.Logger, address);
        foreach (var (i, address) in plain.Index())
            if (i == 0)
                LogPlain(app.Logger, address);
            else
                LogWebhooks(app.Logger, address, WebhookEndpoint.Path);
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Status page at {Address}/; also /metrics, /healthz, /readyz")]
    private static partial void LogPlain(ILogger log, string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "GitHub's webhook at {Address}{Path}")]
    private static partial void LogWebhooks(ILogger log, string address, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Claims at {Address}/claims")]
    private static partial void LogClaims(ILogger log, string address);
}
