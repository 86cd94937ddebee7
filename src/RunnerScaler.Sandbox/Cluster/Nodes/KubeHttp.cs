using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>
/// Kubernetes' API in plain JSON, through the connection and the credentials of a <see cref="k8s.Kubernetes"/> client:
/// nothing is lost in typed models. Every answer but success is a <see cref="KubeFailure"/>.
/// </summary>
internal sealed class KubeHttp(k8s.Kubernetes client)
{
    /// <summary>The API server serves objects that nest 10,000 levels deep.</summary>
    private static readonly JsonDocumentOptions AsServed = new() { MaxDepth = 25_000 };

    public const string JsonPatchType = "application/json-patch+json";
    public const string MergePatchType = "application/merge-patch+json";
    public const string StrategicPatchType = "application/strategic-merge-patch+json";
    public const string ApplyPatchType = "application/apply-patch+yaml";

    /// <summary>A client with an ordinary kubeconfig.</summary>
    public static k8s.Kubernetes Connect(string kubeConfigPath) =>
        new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeConfigPath));

    public Task<JsonObject> GetAsync(string path, CancellationToken stop) =>
        SendAsync(HttpMethod.Get, path, null, null, stop);

    public Task<JsonObject> PostAsync(string path, JsonNode body, CancellationToken stop) =>
        SendAsync(HttpMethod.Post, path, body, "application/json", stop);

    public Task<JsonObject> PutAsync(string path, JsonNode body, CancellationToken stop) =>
        SendAsync(HttpMethod.Put, path, body, "application/json", stop);

    public Task<JsonObject> PatchAsync(string path, JsonNode body, string patchType, CancellationToken stop) =>
        SendAsync(HttpMethod.Patch, path, body, patchType, stop);

    public Task<JsonObject> DeleteAsync(string path, JsonNode? options, CancellationToken stop) =>
        SendAsync(HttpMethod.Delete, path, options, options is null ? null : "application/json", stop);

    /// <summary>The events of a watch, as <c>{"type":…,"object":…}</c>, until the server ends it.</summary>
    /// <param name="path">Path and query; <c>watch=true</c> is part of it.</param>
    public async IAsyncEnumerable<JsonObject> WatchAsync(string path, [EnumeratorCancellation] CancellationToken stop)
    {
        using var request = await RequestAsync(HttpMethod.Get, path, null, null, stop);
        using var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (!response.IsSuccessStatusCode)
            throw Failure(response.StatusCode, await response.Content.ReadAsStringAsync(stop));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop), Encoding.UTF8);
        while (await reader.ReadLineAsync(stop) is { } line)
        {
            if (JsonNode.Parse(line) is JsonObject change)
                yield return change;
        }
    }

    private async Task<JsonObject> SendAsync(
        HttpMethod method, string path, JsonNode? body, string? contentType, CancellationToken stop)
    {
        using var request = await RequestAsync(method, path, body, contentType, stop);
        using var response = await client.HttpClient.SendAsync(request, stop);
        var text = await response.Content.ReadAsStringAsync(stop);
        if (!response.IsSuccessStatusCode)
            throw Failure(response.StatusCode, text);
        return JsonNode.Parse(text, null, AsServed) as JsonObject ?? [];
    }

    private async Task<HttpRequestMessage> RequestAsync(
        HttpMethod method, string path, JsonNode? body, string? contentType, CancellationToken stop)
    {
        var request = new HttpRequestMessage(method, new Uri(client.BaseUri, path)) { Version = HttpVersion.Version20 };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType!);
        }
        if (client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, stop);
        return request;
    }

    private static KubeFailure Failure(HttpStatusCode code, string text)
    {
        JsonNode? status;
        try
        {
            status = JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            status = null;
        }
        return new KubeFailure((int)code, status.Text("reason") ?? $"{code}", status.Text("message") ?? text,
            status.At("details") as JsonObject);
    }
}
