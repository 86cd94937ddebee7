namespace RunnerImage;

/// <summary>What the controller tells the pod, as environment variables: see <c>docs/claim-protocol.md</c>.</summary>
internal static class PodVariables
{
    /// <summary>Where claims are posted, ending in <c>/claims</c>.</summary>
    public const string ClaimUrl = "RUNNERSCALER_CLAIM_URL";

    /// <summary>The certificates (PEM) to trust there, and no others; empty for plain HTTP.</summary>
    public const string ClaimCa = "RUNNERSCALER_CLAIM_CA";

    /// <summary>The projected service-account token; renewed in place.</summary>
    public const string TokenFile = "RUNNERSCALER_TOKEN_FILE";

    /// <summary><c>Sidecar</c>, <c>Shared</c> or <c>None</c>; not set means <c>None</c>.</summary>
    public const string BuilderMode = "RUNNERSCALER_BUILDER_MODE";

    /// <summary>BuildKit's addresses, separated by commas: one socket of a sidecar, or the shared daemons.</summary>
    public const string BuilderAddresses = "RUNNERSCALER_BUILDER_ADDRESSES";

    /// <summary>The sidecar's profile: <c>Baseline</c>, <c>UserNamespaces</c> or <c>Compatible</c>.</summary>
    public const string BuilderProfile = "RUNNERSCALER_BUILDER_PROFILE";

    /// <summary>How long a sidecar may take to listen, in seconds; not set means 60.</summary>
    public const string BuilderWaitSeconds = "RUNNERSCALER_BUILDER_WAIT_SECONDS";

    /// <summary>A folder with <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c> for shared daemons.</summary>
    public const string BuilderTls = "RUNNERSCALER_BUILDER_TLS";

    /// <summary><c>Allow</c> if pull requests of forks may use a shared daemon; anything else refuses them.</summary>
    public const string BuilderForks = "RUNNERSCALER_BUILDER_FORKS";

    /// <summary>A file with registry credentials (<c>auths</c>) that builds may use; not set means none.</summary>
    public const string RegistryAuth = "RUNNERSCALER_REGISTRY_AUTH";

    /// <summary>The pod's grace period in seconds.</summary>
    public const string GraceSeconds = "RUNNERSCALER_GRACE_SECONDS";

    /// <summary>The port of the pod's own metrics; not set or 0 means none.</summary>
    public const string MetricsPort = "RUNNERSCALER_METRICS_PORT";

    /// <summary>The folder where the programs in the pod leave notes for each other.</summary>
    public const string StateFolder = "RUNNERSCALER_STATE";

    /// <summary>What all of these begin with.</summary>
    public const string Prefix = "RUNNERSCALER_";

    /// <summary>Those that the hooks and the shim read; no other goes to the job.</summary>
    public static readonly IReadOnlyList<string> ForJobs =
        [BuilderMode, BuilderAddresses, BuilderProfile, BuilderTls, BuilderForks, StateFolder];
}
