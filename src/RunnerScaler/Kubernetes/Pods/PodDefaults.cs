using RunnerScaler.Kubernetes.Builders;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>What a generated pod has where its pool says nothing else.</summary>
/// <param name="Image">The runner container's image.</param>
/// <param name="CpuRequest">What the runner container asks for.</param>
/// <param name="MemoryRequest">What the runner container asks for.</param>
/// <param name="TerminationGrace">How long the pod may take to end.</param>
internal sealed record PodDefaults(string Image, string CpuRequest, string MemoryRequest, TimeSpan TerminationGrace)
{
    /// <summary>What its sidecar has.</summary>
    public BuilderDefaults Builder { get; init; } = BuilderDefaults.From(new KubernetesOptions());

    /// <summary>What its runner and its sidecar reach the world through.</summary>
    public PodProxy Proxy { get; init; } = PodProxy.None;

    public static PodDefaults From(KubernetesOptions options) =>
        new(options.RunnerImage, options.RunnerCpuRequest, options.RunnerMemoryRequest, options.TerminationGrace)
        {
            Builder = BuilderDefaults.From(options),
            Proxy = new(options.PodHttpProxy, options.PodHttpsProxy, options.PodNoProxy),
        };
}
