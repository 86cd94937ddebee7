namespace RunnerScaler.Kubernetes.Api;

/// <summary>A way to one API server. It is disposed by whoever uses it last.</summary>
/// <param name="Root">The server's address.</param>
/// <param name="Http">Sends, over the server's certificates.</param>
/// <param name="AuthenticateAsync">Adds to a request what proves who sends it.</param>
/// <param name="Client">What holds all this, and goes with it.</param>
internal sealed record ApiConnection(
    Uri Root, HttpClient Http, Func<HttpRequestMessage, CancellationToken, Task> AuthenticateAsync, IDisposable Client)
    : IDisposable
{
    public void Dispose() => Client.Dispose();
}
