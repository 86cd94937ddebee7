namespace RunnerScaler.Kubernetes.Builders;

/// <summary>Names and places of the builder in a pod.</summary>
internal static class BuilderPaths
{
    /// <summary>The sidecar's container.</summary>
    public const string Container = "buildkitd";

    /// <summary>Prepares a volume that outlives the pod.</summary>
    public const string CacheContainer = "buildkit-cache";

    public const string SocketVolume = "buildkit-socket";
    public const string StateVolume = "buildkit-state";
    public const string FilesVolume = "buildkit-files";

    public const string SocketFolder = "/run/buildkit";
    public const string Address = "unix:///run/buildkit/buildkitd.sock";
    public const string StateFolder = "/home/user/.local/share/buildkit";
    public const string ConfigFile = "/etc/buildkit/buildkitd.toml";

    /// <summary>Our volumes with credentials; users' templates may not begin names so.</summary>
    public const string OwnPrefix = "runnerscaler-";

    public const string TlsVolume = OwnPrefix + "builder";
    public const string RegistryVolume = OwnPrefix + "registry";
    public const string RegistryCaVolume = OwnPrefix + "registry-ca";
    public const string DeployVolume = OwnPrefix + "deploy";

    /// <summary>The folders of credentials begin so; users' templates may not mount there.</summary>
    public const string OwnFolder = "/var/run/secrets/runnerscaler";

    public const string TlsFolder = OwnFolder + "-builder";
    public const string RegistryFolder = OwnFolder + "-registry";
    public const string DeployFolder = OwnFolder + "-deploy";

    /// <summary>Where the docker client looks for registries' certificates, by host.</summary>
    public const string DockerCertificates = "/etc/docker/certs.d";
}
