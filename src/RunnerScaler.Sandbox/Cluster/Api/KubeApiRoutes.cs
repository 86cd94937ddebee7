namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>Puts the API server's routes into a web application.</summary>
internal static class KubeApiRoutes
{
    private static readonly string[] Patterns =
        [
            "/version", "/healthz", "/livez", "/readyz", IssuerDiscovery.Configuration, IssuerDiscovery.Keys,
            "/api/{**path}", "/apis/{**path}",
        ];

    public static void MapKubeApi(this IEndpointRouteBuilder routes, KubeApi api)
    {
        var stopping = routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        foreach (var pattern in Patterns)
            routes.Map(pattern, http => api.HandleAsync(http, stopping));
    }
}
