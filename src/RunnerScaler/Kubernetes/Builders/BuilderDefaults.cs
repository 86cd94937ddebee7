namespace RunnerScaler.Kubernetes.Builders;

/// <summary>What a sidecar has where its pool says nothing else. An empty text means: none.</summary>
/// <param name="Image">With its digest.</param>
/// <param name="CpuRequest">What it asks for.</param>
/// <param name="MemoryRequest">What it asks for.</param>
/// <param name="CpuLimit">The most it gets.</param>
/// <param name="MemoryLimit">The most it gets.</param>
/// <param name="StateSize">The size limit of its state.</param>
internal sealed record BuilderDefaults(
    string Image, string CpuRequest, string MemoryRequest, string CpuLimit, string MemoryLimit, string StateSize)
{
    public static BuilderDefaults From(KubernetesOptions options) => new(
        options.BuilderImage,
        options.BuilderCpuRequest,
        options.BuilderMemoryRequest,
        options.BuilderCpuLimit,
        options.BuilderMemoryLimit,
        options.BuilderStateSize);
}
