using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace RunnerImage.Tests.Claims;

/// <summary>A request that came to the endpoint.</summary>
internal sealed record ClaimRequest(string Method, string Path, string? Authorization, long? Length);

/// <summary>The controller's endpoint: a real Kestrel with TLS, answering as the test says.</summary>
internal sealed class ClaimServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private ClaimServer(WebApplication app) => this.app = app;

    public ConcurrentQueue<ClaimRequest> Requests { get; } = new();

    /// <summary>Answers <c>POST</c>.</summary>
    public Func<HttpContext, Task> Claim { get; set; } = HoldAsync;

    /// <summary>Answers <c>DELETE</c>.</summary>
    public Func<HttpContext, Task> GiveBack { get; set; } = Status(204);

    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.Single() + "/claims");

    public static async Task<ClaimServer> StartAsync(TestAuthority authority)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k =>
            k.Listen(System.Net.IPAddress.Loopback, 0, l => l.UseHttps(authority.Server)));
        var server = new ClaimServer(builder.Build());
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync();
        return server;
    }

    /// <summary>Holds the request until the client goes away.</summary>
    public static Task HoldAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        context.RequestAborted.Register(gone.SetResult);
        return gone.Task;
    }

    public static Func<HttpContext, Task> Status(int status, string body = "") => context =>
    {
        context.Response.StatusCode = status;
        return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
    };

    public static Func<HttpContext, Task> Grant(string name, string jitConfig) =>
        context => context.Response.WriteAsJsonAsync(new { runnerName = name, jitConfig });

    /// <summary>One answer after the other; the last one stays.</summary>
    public static Func<HttpContext, Task> InTurn(params Func<HttpContext, Task>[] answers)
    {
        var next = 0;
        return context => answers[Math.Min(Interlocked.Increment(ref next), answers.Length) - 1](context);
    }

    public int Count(string method) => Requests.Count(r => r.Method == method);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        now.Cancel();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Enqueue(new ClaimRequest(
            request.Method, request.Path, request.Headers.Authorization, request.ContentLength));
        return request.Method == "DELETE" ? GiveBack(context) : Claim(context);
    }
}
