using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>What a program knows about the pod it runs in.</summary>
internal sealed class PodContext(
    KubeHttp http, PodFacts pod, string account, PodFiles files, IReadOnlyDictionary<string, string> env,
    TimeProvider time, CancellationToken killed)
{
    private (string Text, DateTimeOffset RenewAt)? token;

    public string Namespace => pod.Namespace;

    public string Name => pod.Name;

    public string Uid => pod.Uid;

    /// <summary>The environment of the main container.</summary>
    public IReadOnlyDictionary<string, string> Env => env;

    /// <summary>Cancelled by SIGKILL, out of memory, or the loss of the node: nothing more may be done.</summary>
    public CancellationToken Killed => killed;

    /// <summary>The content of a file of a mounted ConfigMap or Secret.</summary>
    /// <exception cref="PodConfigException">Nothing is mounted there.</exception>
    public Task<string> ReadFileAsync(string path, CancellationToken stop) => files.ReadAsync(path, stop);

    /// <summary>
    /// The projected service-account token at a path, renewed at 80 % of its life as a kubelet does.
    /// </summary>
    /// <exception cref="PodConfigException">The pod mounts no token there.</exception>
    public async Task<string> ReadTokenAsync(string path, CancellationToken stop)
    {
        if (token is { } held && time.GetUtcNow() < held.RenewAt)
            return held.Text;
        var (audience, lifetime) = files.TokenAt(path);
        var text = await RequestTokenAsync(audience, lifetime, stop);
        token = (text, time.GetUtcNow() + (lifetime * 0.8));
        return text;
    }

    /// <summary>A new token for an audience, bound to this pod.</summary>
    /// <exception cref="KubeFailure">The pod is gone, or the API server refuses.</exception>
    public async Task<string> RequestTokenAsync(string audience, TimeSpan lifetime, CancellationToken stop)
    {
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["audiences"] = new JsonArray(audience),
                ["expirationSeconds"] = (long)lifetime.TotalSeconds,
                ["boundObjectRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Pod",
                    ["name"] = Name,
                    ["uid"] = Uid,
                },
            },
        };
        var path = $"/api/v1/namespaces/{Namespace}/serviceaccounts/{account}/token";
        var answer = await http.PostAsync(path, request, stop);
        return answer.Text("status", "token") ?? throw new InvalidOperationException("the TokenRequest has no token");
    }
}
