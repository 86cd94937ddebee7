using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// Sends one request over the network and takes its whole answer in, within bounds of time and size. What waits before
/// it is not counted. Whatever the network throws ends here: it is a <see cref="FailedResponse"/>.
/// </summary>
internal sealed class ExchangeHandler(GitHubOptions options, EnvironmentProxy proxy, TimeProvider time)
    : DelegatingHandler
{
    /// <summary>Uncompressed bytes: some twenty times a page of the largest entries that GitHub has.</summary>
    public const int LargestBody = 32 * 1024 * 1024;

    /// <summary>Set on a request that whoever is asked may hold for longer than others.</summary>
    public static readonly HttpRequestOptionsKey<TimeSpan> Patience = new("patience");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var limit = request.Options.TryGetValue(Patience, out var longer) ? longer
            : request.Method == HttpMethod.Get ? options.RequestTimeout
            : options.WriteTimeout;
        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, expiry.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, either.Token);
            await response.Content.LoadIntoBufferAsync(LargestBody, either.Token);
            return response;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            response?.Dispose();
            var where = proxy.Describe(request.RequestUri!).TrimEnd(',');
            return new FailedResponse(Failure.NoAnswer(
                expiry.IsCancellationRequested
                    ? $"{request.Method} {request.RequestUri!.AbsolutePath} was not answered in "
                        + $"{limit.TotalSeconds:0.#} s by {where}"
                : response is null ? $"{proxy.Describe(request.RequestUri!)} cannot be reached: {Cause(e)}"
                : $"the answer of {where} cannot be taken in: {Cause(e)}"));
        }
    }

    private static string Cause(Exception thrown) => thrown.GetBaseException().Message;
}
