namespace RunnerScaler.GitHub.Http;

/// <summary>Says of a connection that failed where it was to go, and through what.</summary>
internal sealed class AddressHandler(EnvironmentProxy proxy) : DelegatingHandler
{
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await base.SendAsync(request, cancel);
        }
        catch (HttpRequestException e) when (request.RequestUri is { } address)
        {
            var said = $"{proxy.Describe(address)} cannot be reached: {e.GetBaseException().Message}";
            throw new HttpRequestException(e.HttpRequestError, said, e, e.StatusCode);
        }
    }
}
