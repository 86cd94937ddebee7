using System.Collections.Concurrent;
using System.Text;
using k8s;
using RunnerScaler.Control.State;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Tests.Kubernetes;

/// <summary>An API server on loopback that answers as a test says, request by request.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ApiConnection connection;
    private int open;

    private StubServer(WebApplication app, Func<HttpContext, Task> answer)
    {
        this.app = app;
        app.Run(async context =>
        {
            Interlocked.Increment(ref open);
            Requests.Enqueue(context.Request.Method + " " + context.Request.Path + context.Request.QueryString);
            try
            {
                await answer(context);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The client has gone, as tests mean it to.
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        });
        app.Start();
        connection = ClusterConnection.Open(new KubernetesClientConfiguration { Host = app.Urls.Single() });
    }

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Requests that are being answered now.</summary>
    public int Open => Volatile.Read(ref open);

    public ApiServer Api(TimeProvider time, Refusals? refusals = null) => new(connection, time, refusals);

    public static StubServer Start(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return new StubServer(builder.Build(), answer);
    }

    public static async Task Json(HttpContext context, int code, string body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    /// <summary>Sends lines of a watch at once.</summary>
    public static async Task Lines(HttpContext context, params string[] lines)
    {
        if (!context.Response.HasStarted)
            context.Response.ContentType = "application/json";
        foreach (var line in lines)
            await context.Response.WriteAsync(line + "\n");
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Keeps the answer open until the client goes.</summary>
    public static Task Forever(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    public static async Task<string> Body(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        connection.Dispose();
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(soon.Token);
        await app.DisposeAsync();
    }
}
