namespace RunnerScaler.GitHub.Http;

/// <summary>Bounds one request, its body included; what waits before it is not counted.</summary>
internal sealed class TimeoutHandler(GitHubOptions options, TimeProvider time) : DelegatingHandler
{
    /// <exception cref="TimeoutException">No whole answer in time.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var limit = request.Method == HttpMethod.Get ? options.RequestTimeout : options.WriteTimeout;
        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, expiry.Token);
        try
        {
            var response = await base.SendAsync(request, either.Token);
            await response.Content.LoadIntoBufferAsync(either.Token);
            return response;
        }
        catch (OperationCanceledException) when (expiry.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{request.Method} {request.RequestUri?.AbsolutePath} was not answered in {limit.TotalSeconds:0.#} s "
                    + "by " + EnvironmentProxy.OfProcess.Describe(request.RequestUri!).TrimEnd(','));
        }
    }
}
