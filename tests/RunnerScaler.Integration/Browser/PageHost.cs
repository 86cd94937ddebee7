using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.Web;
using RunnerScaler.Web.Page;

namespace RunnerScaler.Integration.Browser;

/// <summary>The status page at a loopback address, of whatever is said to be known.</summary>
internal sealed class PageHost : IAsyncDisposable, IAccessReviewer
{
    private readonly WebApplication app;

    private PageHost(bool anonymous)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting()
            .AddSingleton(Options.Create(new WebOptions { Anonymous = anonymous }))
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IAccessReviewer>(this)
            .AddSingleton<AskKnowledge>(() => Known)
            .AddSingleton<LeaderGate>()
            .AddSingleton<LeaderRelay>()
            .AddSingleton<Callers>()
            .AddSingleton<PageViews>()
            .AddSingleton<StatusEndpoint>();
        app = builder.Build();
        var page = app.Services.GetRequiredService<StatusEndpoint>();
        app.MapGet("/", page.PageAsync);
        app.MapGet("/status/events", page.EventsAsync);
        app.MapGet("/status/style.css", page.StyleAsync);
        app.MapGet("/status/script.js", page.ScriptAsync);
    }

    /// <summary>What the controller knows; null while it does not lead.</summary>
    public Knowledge? Known { get; set; }

    public Uri Address => new(app.Urls.Single());

    public static async Task<PageHost> StartAsync(Knowledge known, bool anonymous = true)
    {
        var host = new PageHost(anonymous) { Known = known };
        await host.app.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }

    Task<AccessResult> IAccessReviewer.ReviewAsync(
        string token, ImmutableArray<string> namespaces, CancellationToken cancel) =>
        Task.FromResult<AccessResult>(new AccessResult.Rejected());
}
