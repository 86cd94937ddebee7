using RunnerScaler.Control.Ports;

namespace RunnerScaler.GitHub.Http;

/// <summary>What every request to GitHub passes through, outermost first.</summary>
internal static class HandlerChain
{
    /// <summary>
    /// Version, retry, cache, redirects, budget, JSON check, meter, exchange. Retries and redirected requests pass the
    /// budget again; the budget sees whether a read is conditional; the time that an exchange may take does not count
    /// the wait for the budget. Nothing throws but the end of a caller who gives up: what keeps a request from being
    /// sent or answered is a <see cref="FailedResponse"/>.
    /// </summary>
    public static HttpMessageHandler Build(
        GitHubOptions options,
        RequestBudget budget,
        RequestPacer pacer,
        (ConditionalRequestHandler Cache, RedirectHandler Redirects) own,
        HttpMessageHandler primary,
        IScalerMetrics metrics,
        TimeProvider time,
        Random random)
    {
        DelegatingHandler[] handlers =
        [
            new ApiVersionHandler(),
            new ResilienceHandler(options, time, random),
            own.Cache,
            own.Redirects,
            new BudgetHandler(budget, pacer),
            new JsonOnlyHandler(),
            new MeterHandler(metrics, time),
            new ExchangeHandler(options, EnvironmentProxy.OfProcess, time),
        ];
        return Chain(handlers, primary);
    }

    /// <summary>
    /// What requests to the Actions service pass through: retry, meter, exchange. That is another host, which GitHub's
    /// limits of the REST API do not count for.
    /// </summary>
    public static HttpMessageHandler BuildForService(
        GitHubOptions options, HttpMessageHandler primary, IScalerMetrics metrics, TimeProvider time, Random random) =>
        Chain(
            [
                new ResilienceHandler(options, time, random),
                new MeterHandler(metrics, time),
                new ExchangeHandler(options, EnvironmentProxy.OfProcess, time),
            ],
            primary);

    private static HttpMessageHandler Chain(DelegatingHandler[] handlers, HttpMessageHandler primary)
    {
        var inner = primary;
        foreach (var handler in handlers.Reverse())
        {
            handler.InnerHandler = inner;
            inner = handler;
        }
        return inner;
    }

    /// <summary>
    /// Redirects are left to <see cref="RedirectHandler"/>; connections are renewed so that changes of DNS are seen,
    /// and made to no address that no GitHub server can have. Of the environment only the proxy counts, and the
    /// certificates that the system trusts.
    /// </summary>
    public static SocketsHttpHandler Primary() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        Proxy = EnvironmentProxy.OfProcess,
        ActivityHeadersPropagator = null,
        ConnectCallback = GuardedConnection.OpenAsync,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AutomaticDecompression = System.Net.DecompressionMethods.All,
    };
}
