using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.RealCluster;

/// <summary>
/// The part of a newer kube-apiserver that serves custom resources, behind an older one: that keeps its address, users
/// and rights, and passes on what is asked of definitions and of the groups that are named.
/// </summary>
/// <param name="port">Its own, on loopback.</param>
internal sealed class CrdServer(int port)
{
    private const string Program = "apiextensions-apiserver";
    private const string Etcd = "etcd";
    private const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    /// <summary>The etcd that both need: watches that begin with a list are refused with one of before 3.5.</summary>
    public static string EtcdPath => ModernAssets.PathOf(Etcd);

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? WhyNot() => ModernAssets.WhyNot(Program, Etcd);

    /// <summary>What the server in front has to be told: how it proves to be the front.</summary>
    /// <param name="authority">The file of the authority that signed its certificate.</param>
    /// <param name="certificate">That file; good for a client, too.</param>
    /// <param name="key">The key's.</param>
    public static IReadOnlyList<string> FrontFlags(string authority, string certificate, string key) =>
    [
        "--client-ca-file", authority, "--requestheader-client-ca-file", authority,
        "--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--proxy-client-cert-file", certificate, "--proxy-client-key-file", key,
    ];

    /// <summary>
    /// Starts it, when the server in front is ready: it asks that who a caller is and what he may do.
    /// </summary>
    /// <param name="kubeConfig">Of one who may do everything there.</param>
    public ChildProgram Start(string etcd, string certificate, string key, string kubeConfig) => ChildProgram.Start(
        ModernAssets.PathOf(Program), "--etcd-servers", etcd, "--etcd-prefix=/registry/modern",
        "--bind-address=127.0.0.1", "--secure-port", $"{port}",
        "--tls-cert-file", certificate, "--tls-private-key-file", key, "--kubeconfig", kubeConfig,
        "--authentication-kubeconfig", kubeConfig, "--authorization-kubeconfig", kubeConfig,
        // Older servers lack the interfaces that these would wait for.
        "--enable-priority-and-fairness=false",
        "--disable-admission-plugins=ValidatingAdmissionPolicy,MutatingAdmissionPolicy");

    /// <summary>Lets the server in front pass on to this one; before the first definition is made.</summary>
    /// <param name="groups">The groups of the definitions to come, as <c>v1.example.io</c>.</param>
    public async Task TakeOverAsync(KubeHttp front, IEnumerable<string> groups, CancellationToken stop)
    {
        await front.PostAsync("/api/v1/namespaces/kube-system/services", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "crd" },
            // A name that the machine itself knows: no network of Services is needed.
            ["spec"] = new JsonObject { ["type"] = "ExternalName", ["externalName"] = "localhost" },
        }, stop);
        foreach (var group in groups)
        {
            var spec = Passed();
            spec["version"] = group[..group.IndexOf('.', StringComparison.Ordinal)];
            spec["group"] = group[(group.IndexOf('.', StringComparison.Ordinal) + 1)..];
            (spec["groupPriorityMinimum"], spec["versionPriority"]) = (1000, 15);
            await front.PostAsync(
                Services, new JsonObject { ["metadata"] = new JsonObject { ["name"] = group }, ["spec"] = spec }, stop);
        }
        await front.PatchAsync($"{Services}/v1.apiextensions.k8s.io", new JsonObject { ["spec"] = Passed() },
            KubeHttp.MergePatchType, stop);
    }

    /// <summary>Whether it is this server that answers for definitions.</summary>
    public static async Task<bool> HasTakenOverAsync(KubeHttp front, CancellationToken stop)
    {
        try
        {
            var unknown = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "none" }, ["unknown"] = true };
            await front.PostAsync($"{Definitions}?dryRun=All&fieldValidation=Strict", unknown, stop);
            return false;
        }
        catch (KubeFailure failure)
        {
            return failure.Code == 400 && failure.Message.Contains("strict decoding error", StringComparison.Ordinal);
        }
    }

    private JsonObject Passed() => new()
    {
        ["service"] = new JsonObject { ["namespace"] = "kube-system", ["name"] = "crd", ["port"] = port },
        ["insecureSkipTLSVerify"] = true,
    };
}
