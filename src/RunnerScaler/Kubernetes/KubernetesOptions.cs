using RunnerScaler.Control.Work;

namespace RunnerScaler.Kubernetes;

/// <summary>
/// How the controller reaches its cluster and what its pods look like by default. Section <c>Kubernetes</c>.
/// </summary>
internal sealed class KubernetesOptions
{
    /// <summary>
    /// A kubeconfig file. Empty: the service account when run in a cluster, else <c>$KUBECONFIG</c>, else
    /// <c>~/.kube/config</c>.
    /// </summary>
    public string Kubeconfig { get; set; } = "";

    /// <summary>The kubeconfig's context. Empty: its current one. Ignored in a cluster.</summary>
    public string Context { get; set; } = "";

    /// <summary>The namespaces whose pools are served. Empty: all, which takes a ClusterRole.</summary>
    public IList<string> Namespaces { get; init; } = [];

    /// <summary>
    /// The controller's own namespace: its Lease and the claim certificates live there. Empty: the service account's,
    /// or the kubeconfig context's, or <c>default</c>.
    /// </summary>
    public string OwnNamespace { get; set; } = "";

    /// <summary>The Lease that replicas compete for.</summary>
    public string LeaseName { get; set; } = "runnerscaler";

    /// <summary>How long a lease that nobody renews keeps others out.</summary>
    [OptionRange("5s", "5m")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long after its last renewal a leader still writes; at most 4/5 of <see cref="LeaseDuration"/>.
    /// </summary>
    [OptionRange("1s", "4m")]
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The pause between tries to get or to renew the lease; less than half of <see cref="RenewDeadline"/>.
    /// </summary>
    [OptionRange("100ms", "2m")]
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The image of the runner container where a pool's template names none: one that is made from
    /// <c>Dockerfile.runner</c>. Empty: every template has to name one.
    /// </summary>
    public string RunnerImage { get; set; } = "";

    /// <summary>What a runner container asks for where a pool's template says nothing else.</summary>
    public string RunnerCpuRequest { get; set; } = "500m";

    /// <inheritdoc cref="RunnerCpuRequest"/>
    public string RunnerMemoryRequest { get; set; } = "1Gi";

    /// <summary>
    /// BuildKit's rootless image, with its digest, for the sidecars of pools that name none. Empty: each pool has to.
    /// </summary>
    public string BuilderImage { get; set; } = "docker.io/moby/buildkit:v0.32.2-rootless"
        + "@sha256:504731e577c20559c00f968f33219f30115e70be29ab96728d1d06e963fc494b";

    /// <summary>What a builder's sidecar asks for where its pool says nothing else. Empty: nothing.</summary>
    public string BuilderCpuRequest { get; set; } = "500m";

    /// <inheritdoc cref="BuilderCpuRequest"/>
    public string BuilderMemoryRequest { get; set; } = "1Gi";

    /// <summary>The most that a builder's sidecar gets where its pool says nothing else. Empty: no limit.</summary>
    public string BuilderCpuLimit { get; set; } = "4";

    /// <inheritdoc cref="BuilderCpuLimit"/>
    public string BuilderMemoryLimit { get; set; } = "8Gi";

    /// <summary>The size limit of a builder's state where its pool says nothing else, such as <c>20Gi</c>.</summary>
    public string BuilderStateSize { get; set; } = "20Gi";

    /// <summary>
    /// The proxy that runners and builders of pods use for addresses that begin with <c>http</c>: their
    /// <c>HTTP_PROXY</c>, which jobs can read. Empty: none. A pool's template can set other variables.
    /// </summary>
    public string PodHttpProxy { get; set; } = "";

    /// <summary>The same for addresses that begin with <c>https</c>.</summary>
    public string PodHttpsProxy { get; set; } = "";

    /// <summary>What they reach directly: their <c>NO_PROXY</c>, where one of the two is set.</summary>
    public string PodNoProxy { get; set; } = "";

    /// <summary>
    /// How long a pod may take to end after it was asked to, where a pool's template says nothing else; at least 90 s
    /// if it has a builder.
    /// </summary>
    [OptionRange("1s", "1d")]
    public TimeSpan TerminationGrace { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Where pods post their claims, ending in <c>/claims</c>: <c>https://runnerscaler.NAMESPACE.svc:8443/claims</c>.
    /// Its host is a name of the serving certificate.
    /// </summary>
    public string ClaimsUrl { get; set; } = "";

    /// <summary>Further DNS names or IP addresses of the serving certificate.</summary>
    public IList<string> ClaimsExtraNames { get; init; } = [];

    /// <summary>
    /// The Secret in the own namespace that holds the claims endpoint's CA and certificate; made if missing.
    /// </summary>
    public string ClaimsSecret { get; set; } = "runnerscaler-claims";
}
