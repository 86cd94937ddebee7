using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Integration.Kubernetes;

/// <summary>The controller's way to an API server, over the client that the tests have anyway.</summary>
internal static class TypedConnection
{
    public static ApiConnection Of(k8s.Kubernetes client) => new(
        client.BaseUri, client.HttpClient,
        (request, cancel) => client.Credentials?.ProcessHttpRequestAsync(request, cancel) ?? Task.CompletedTask,
        client);
}
