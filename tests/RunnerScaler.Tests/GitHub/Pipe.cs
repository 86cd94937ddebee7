using System.Net.Http.Headers;

namespace RunnerScaler.Tests.GitHub;

/// <summary>Sends requests through a handler to a script.</summary>
internal sealed class Pipe(DelegatingHandler handler, Func<HttpRequestMessage, HttpResponseMessage> script)
{
    private readonly HttpMessageInvoker invoker = new(Over(handler, script));

    public static DelegatingHandler Over(
        DelegatingHandler handler, Func<HttpRequestMessage, HttpResponseMessage> script)
    {
        handler.InnerHandler = new Script(script);
        return handler;
    }

    public Task<HttpResponseMessage> GetAsync(string path = "repos/acme/app/actions/runs", string token = "t1") =>
        SendAsync(HttpMethod.Get, path, token);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path = "x", string token = "t1")
    {
        var request = new HttpRequestMessage(method, new Uri($"https://api.github.com/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        return invoker.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private sealed class Script(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            return Task.FromResult(answer(request));
        }
    }
}
