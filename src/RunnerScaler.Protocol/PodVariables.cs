namespace RunnerScaler.Protocol;

/// <summary>What the controller tells the pod, as environment variables: see <c>docs/claim-protocol.md</c>.</summary>
internal static class PodVariables
{
    /// <summary>What all of these begin with; a pool's template may set no other that does.</summary>
    public const string Prefix = "RUNNERSCALER_";

    /// <summary>Where claims are posted, ending in <see cref="ClaimProtocol.Path"/>.</summary>
    public const string ClaimUrl = Prefix + "CLAIM_URL";

    /// <summary>The certificates (PEM) to trust there, and no others; empty for plain HTTP.</summary>
    public const string ClaimCa = Prefix + "CLAIM_CA";

    /// <summary>The projected service-account token; renewed in place.</summary>
    public const string TokenFile = Prefix + "TOKEN_FILE";

    /// <summary>A word of <see cref="Protocol.BuilderMode"/>; not set means <c>None</c>.</summary>
    public const string BuilderMode = Prefix + "BUILDER_MODE";

    /// <summary>BuildKit's addresses, separated by commas: one socket of a sidecar, or the shared daemons.</summary>
    public const string BuilderAddresses = Prefix + "BUILDER_ADDRESSES";

    /// <summary>The sidecar's profile: a word of <see cref="Protocol.BuilderProfile"/>.</summary>
    public const string BuilderProfile = Prefix + "BUILDER_PROFILE";

    /// <summary>
    /// How long a sidecar may take to listen, in seconds; not set means 60. An image may set it; the controller does
    /// not.
    /// </summary>
    public const string BuilderWaitSeconds = Prefix + "BUILDER_WAIT_SECONDS";

    /// <summary>A folder with <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c> for shared daemons.</summary>
    public const string BuilderTls = Prefix + "BUILDER_TLS";

    /// <summary>
    /// <see cref="ForksAllowed"/> if pull requests of forks may use a shared daemon; anything else refuses them.
    /// </summary>
    public const string BuilderForks = Prefix + "BUILDER_FORKS";

    /// <summary>
    /// How registries are reached, as <see cref="PodRegistry.Write"/> has it; not set means as all others.
    /// </summary>
    public const string Registries = Prefix + "REGISTRIES";

    /// <summary>A file with registry credentials (<c>auths</c>) that builds may use; not set means none.</summary>
    public const string RegistryAuth = Prefix + "REGISTRY_AUTH";

    /// <summary>The pod's grace period in seconds.</summary>
    public const string GraceSeconds = Prefix + "GRACE_SECONDS";

    /// <summary>The port of the pod's own metrics; not set or 0 means none.</summary>
    public const string MetricsPort = Prefix + "METRICS_PORT";

    /// <summary>The folder where the programs in the pod leave notes for each other; the image sets it.</summary>
    public const string StateFolder = Prefix + "STATE";

    public const string ForksAllowed = "Allow";
    public const string ForksRefused = "Refuse";

    /// <summary>Those that the controller sets in some pod or other.</summary>
    public static readonly IReadOnlyList<string> OfController =
    [
        ClaimUrl, ClaimCa, TokenFile, BuilderMode, BuilderAddresses, BuilderProfile, BuilderTls, BuilderForks,
        Registries, RegistryAuth, GraceSeconds, MetricsPort,
    ];

    /// <summary>Those that the hooks and the shim read; no other goes to the job.</summary>
    public static readonly IReadOnlyList<string> ForJobs =
        [BuilderMode, BuilderAddresses, BuilderProfile, BuilderTls, BuilderForks, Registries, StateFolder];
}
