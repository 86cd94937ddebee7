using System.Collections.Immutable;
using RunnerScaler.Protocol;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary><c>spec.builder</c>, valid by construction; null where the pool says nothing.</summary>
internal sealed record BuilderSpec
{
    public BuilderMode Mode { get; init; }

    /// <summary>Null: chosen by what the cluster can do.</summary>
    public BuilderProfile? Profile { get; init; }

    /// <summary>With its digest.</summary>
    public string? Image { get; init; }

    public Amounts Requests { get; init; } = Amounts.None;

    public Amounts Limits { get; init; } = Amounts.None;

    /// <summary>Such as <c>20Gi</c>.</summary>
    public string? StateSize { get; init; }

    /// <summary>A profile that the nodes have loaded.</summary>
    public string? AppArmorProfile { get; init; }

    /// <summary>A file below the kubelet's seccomp folder.</summary>
    public string? SeccompProfile { get; init; }

    public ImmutableArray<RegistrySpec> Registries { get; init; } = [];

    public CacheSpec? Cache { get; init; }

    /// <summary>Set in the mode Shared, and in no other.</summary>
    public SharedSpec? Shared { get; init; }
}

/// <summary>Amounts by resource (<c>cpu</c>, <c>memory</c>, …), as they were written.</summary>
internal sealed record Amounts(ImmutableSortedDictionary<string, string> ByName)
{
    public static Amounts None { get; } = new(
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));
}

/// <summary>How BuildKit, and logins from the job, reach a registry.</summary>
/// <param name="Host">With its port, if it has one.</param>
/// <param name="Mirrors">Asked first, in this order.</param>
/// <param name="Http">Plain HTTP.</param>
/// <param name="Insecure">Certificates are not checked.</param>
/// <param name="CaPem">Certificates to trust; null for the image's own.</param>
internal sealed record RegistrySpec(
    string Host, ImmutableArray<string> Mirrors, bool Http, bool Insecure, string? CaPem);

/// <summary>How the builder's state outlives the pod.</summary>
internal enum CacheKind
{
    /// <summary>Each pod has its own copy of a snapshot.</summary>
    Clone,

    /// <summary>Each slot of the pool has a volume that its pods use one after the other.</summary>
    Slot,
}

/// <param name="Kind">Which of them.</param>
/// <param name="Snapshot">The VolumeSnapshot to copy; only with Clone.</param>
/// <param name="StorageClass">Null for the cluster's default one.</param>
/// <param name="Size">Of each volume, such as <c>50Gi</c>.</param>
internal sealed record CacheSpec(CacheKind Kind, string? Snapshot, string? StorageClass, string Size);

/// <summary>Daemons that are not ours.</summary>
/// <param name="Addresses"><c>tcp://host:port</c>; each repository has its place among them.</param>
/// <param name="TlsSecret">A Secret with <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c>.</param>
/// <param name="AllowForks">Whether pull requests of forks may build there.</param>
internal sealed record SharedSpec(ImmutableArray<string> Addresses, string TlsSecret, bool AllowForks);

/// <summary>Credentials for the cluster that a pool's jobs deploy with.</summary>
/// <param name="ServiceAccountName">In the pool's namespace.</param>
/// <param name="Namespace">Where <c>kubectl</c> works if it is told nothing else.</param>
internal sealed record DeploySpec(string ServiceAccountName, string Namespace);

/// <summary>What a pool wants of its pods beyond its template.</summary>
internal sealed record PodOptions(BuilderSpec Builder, DeploySpec? Deploy, string? RegistryCredentialsSecret)
{
    public static PodOptions None { get; } = new(new BuilderSpec { Mode = BuilderMode.None }, null, null);
}
