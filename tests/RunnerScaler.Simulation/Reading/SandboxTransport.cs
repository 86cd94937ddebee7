using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Simulation.Reading;

/// <summary>The sandbox's REST interface without a network: a request is served where it is sent.</summary>
internal sealed class SandboxTransport : HttpMessageHandler
{
    private readonly StepTime time;
    private readonly ReadingLie lie;
    private readonly RequestDelegate serve;

    public SandboxTransport(
        Organization github, StepTime time, RestFaults faults, ReadingLie lie, RestLimits? limits = null)
    {
        (this.time, this.lie) = (time, lie);
        var diagnostics = new DiagnosticListener("simulation");
        var services = new ServiceCollection()
            .AddLogging()
            .AddRouting()
            .AddSingleton(diagnostics)
            .AddSingleton<DiagnosticSource>(diagnostics)
            .BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        app.UseRouting();
        app.UseEndpoints(endpoints => endpoints.MapGitHubApi(github, time, faults, limits));
        serve = app.Build();
    }

    /// <summary>
    /// Who gives up is told at once, on his own thread; the server is not: it goes on for as long as it likes.
    /// </summary>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        time.CheckThread();
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        cancel.UnsafeRegister(_ => answer.TrySetCanceled(cancel), null);
        _ = ServeAsync(request, answer);
        return answer.Task;
    }

    private HttpResponseMessage? Lie(HttpRequestMessage request) => lie switch
    {
        ReadingLie.NoRuns when request.RequestUri!.AbsolutePath.EndsWith("/actions/runs", StringComparison.Ordinal) =>
            new(System.Net.HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new StringContent(
                    "{\"total_count\":0,\"workflow_runs\":[]}", System.Text.Encoding.UTF8, "application/json"),
            },
        ReadingLie.NotDeleted when request.Method == HttpMethod.Delete =>
            new(System.Net.HttpStatusCode.NoContent) { RequestMessage = request },
        _ => null,
    };

    private async Task ServeAsync(HttpRequestMessage request, TaskCompletionSource<HttpResponseMessage> answer)
    {
        try
        {
            answer.TrySetResult(Lie(request) ?? await ServeAsync(request));
        }
        catch (Exception e)
        {
            answer.TrySetException(e);
        }
    }

    private async Task<HttpResponseMessage> ServeAsync(HttpRequestMessage request)
    {
        var visit = new DefaultHttpContext();
        var life = new Lifetime();
        visit.Features.Set<IHttpRequestLifetimeFeature>(life);
        var body = new MemoryStream();
        visit.Response.Body = body;
        visit.Request.Method = request.Method.Method;
        visit.Request.Scheme = request.RequestUri!.Scheme;
        visit.Request.Host = new(request.RequestUri.Authority);
        visit.Request.Path = Uri.UnescapeDataString(request.RequestUri.AbsolutePath);
        visit.Request.QueryString = new(request.RequestUri.Query);
        foreach (var (name, values) in request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? []))
            visit.Request.Headers[name] = values.ToArray();
        if (request.Content is { } content)
            visit.Request.Body = new MemoryStream(await content.ReadAsByteArrayAsync());
        await serve(visit);
        return life.IsAborted
            ? throw new HttpRequestException("the connection was closed")
            : Answer(request, visit.Response, body.ToArray());
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, HttpResponse response, byte[] body)
    {
        var answer = new HttpResponseMessage((System.Net.HttpStatusCode)response.StatusCode)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(body),
        };
        foreach (var (name, values) in response.Headers)
            if (!answer.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                answer.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        return answer;
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public bool IsAborted { get; private set; }

        public void Abort() => IsAborted = true;
    }
}
