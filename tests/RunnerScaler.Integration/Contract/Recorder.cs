using System.Collections.Concurrent;

namespace RunnerScaler.Integration.Contract;

/// <summary>Sends requests on and remembers them, as they go over the wire.</summary>
/// <param name="root">The path that the interface begins with, which GitHub's description leaves out.</param>
internal sealed class Recorder(string root) : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentQueue<SentRequest> sent = new();

    public IReadOnlyCollection<SentRequest> Sent => sent;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancel);
        var path = request.RequestUri!.PathAndQuery;
        Assert.StartsWith(root + "/", path, StringComparison.Ordinal);
        sent.Enqueue(SentRequest.Of(request.Method.Method, path[root.Length..], body is "" ? null : body));
        return await base.SendAsync(request, cancel);
    }
}
