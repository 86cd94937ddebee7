namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>Registers routes of the Actions service, and of its message queues.</summary>
internal sealed class ActionsRoutes(IEndpointRouteBuilder endpoints, ActionsEndpoint endpoint)
{
    /// <summary>Where the service begins, behind the part that stands for a scope.</summary>
    public const string Service = "/actions-service/{tenant}/_apis";

    /// <summary>Its runner scale sets.</summary>
    public const string Sets = Service + "/runtime/runnerscalesets";

    /// <summary>A message queue; the number is another when it has moved.</summary>
    public const string Queue = "/message-queue/{place}/scalesets/message";

    public void Add(string method, string pattern, Func<ActionsCall, ApiAnswer> handle) =>
        Add(method, pattern, call => Task.FromResult(handle(call)));

    public void Add(string method, string pattern, Func<ActionsCall, Task<ApiAnswer>> handle) =>
        endpoints.MapMethods(pattern, [method], endpoint.Open($"{method} {pattern}", handle));
}
