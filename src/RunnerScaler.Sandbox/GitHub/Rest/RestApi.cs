namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>GitHub's REST interface over an <see cref="Organization"/>, as an Enterprise Server offers it.</summary>
internal static class RestApi
{
    /// <summary>Where it begins, as on every host that is not github.com.</summary>
    public const string Root = "/api/v3";

    /// <summary>Maps all routes under <see cref="Root"/>.</summary>
    /// <returns>Counts the requests from now on.</returns>
    public static RouteCounts MapGitHubApi(
        this IEndpointRouteBuilder endpoints,
        Organization organization,
        TimeProvider clock,
        RestFaults faults,
        RestLimits? limits = null)
    {
        var counts = new RouteCounts();
        var api = new ApiEndpoint(
            organization, clock, faults, new RateLimits(clock, limits ?? new RestLimits()), counts);
        var routes = new ApiRoutes(endpoints.MapGroup(Root), api);
        RunRoutes.Add(routes);
        RunnerRoutes.Add(routes);
        RepositoryRoutes.Add(routes);
        AppRoutes.Add(routes);
        HookRoutes.Add(routes);
        routes.AddRest();
        var actions = new ActionsRoutes(endpoints, new ActionsEndpoint(organization, clock, faults, counts));
        ScaleSetRoutes.Add(actions);
        MessageRoutes.Add(actions, faults);
        return counts;
    }
}
