using System.Security.Cryptography.X509Certificates;
using k8s;

namespace RunnerScaler.Kubernetes.Api;

/// <summary>Finds the cluster and makes the connection to it.</summary>
internal static class ClusterConnection
{
    private const string NamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(30);

    /// <exception cref="k8s.Exceptions.KubeConfigException">There is no usable kubeconfig.</exception>
    public static KubernetesClientConfiguration Configure(KubernetesOptions options)
    {
        var inCluster = options.Kubeconfig.Length == 0 && KubernetesClientConfiguration.IsInCluster();
        var found = inCluster
            ? KubernetesClientConfiguration.InClusterConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(
                options.Kubeconfig.Length == 0 ? null : options.Kubeconfig,
                options.Context.Length == 0 ? null : options.Context);
        found.FirstMessageHandlerSetup = handler => Prepare(handler, found);
        return found;
    }

    /// <summary>Opens the connection; nothing is sent yet.</summary>
    public static ApiConnection Open(KubernetesClientConfiguration cluster)
    {
        var client = new k8s.Kubernetes(cluster);
        return new(client.BaseUri, client.HttpClient, AuthenticateAsync, client);

        Task AuthenticateAsync(HttpRequestMessage request, CancellationToken cancel) =>
            client.Credentials?.ProcessHttpRequestAsync(request, cancel) ?? Task.CompletedTask;
    }

    /// <summary>The controller's own namespace; see <see cref="KubernetesOptions.OwnNamespace"/>.</summary>
    public static string OwnNamespace(KubernetesOptions options, KubernetesClientConfiguration cluster) =>
        options.OwnNamespace.Length > 0 ? options.OwnNamespace
        : cluster.Namespace is { Length: > 0 } named ? named
        : File.Exists(NamespaceFile) ? File.ReadAllText(NamespaceFile).Trim()
        : "default";

    private static void Prepare(SocketsHttpHandler handler, KubernetesClientConfiguration cluster)
    {
        // The cluster is where we are, or where the kubeconfig says: no proxy, and nothing else that the environment
        // has for the world outside.
        handler.UseProxy = false;
        handler.UseCookies = false;
        handler.AllowAutoRedirect = false;
        handler.ActivityHeadersPropagator = null;
        if (cluster.SslCaCerts is { Count: > 0 } authorities)
            handler.SslOptions.CertificateChainPolicy = TrustOnly(authorities);

        // Without pings a connection that died silently is noticed after minutes, and every watch on it hangs.
        handler.KeepAlivePingDelay = Ping;
        handler.KeepAlivePingTimeout = Ping / 2;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        handler.EnableMultipleHttp2Connections = true;
        handler.PooledConnectionLifetime = TimeSpan.FromHours(1);
    }

    // The client's own check takes what the system trusts (SSL_CERT_FILE too) for the cluster's.
    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
