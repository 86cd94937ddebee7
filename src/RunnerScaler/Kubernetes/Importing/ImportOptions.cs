namespace RunnerScaler.Kubernetes.Importing;

/// <summary>What ARC's objects do not say.</summary>
internal sealed record ImportOptions
{
    /// <summary>The Helm release of a file of values, by which ARC names the runners; empty if unknown.</summary>
    public string Name { get; init; } = "";

    /// <summary>The server of RunnerDeployments, which is a setting of ARC's controller.</summary>
    public string Server { get; init; } = "https://github.com";

    /// <summary>The Secret for RunnerScaler; empty for ARC's name with <see cref="SecretSuffix"/>.</summary>
    public string CredentialsSecret { get; init; } = "";

    /// <summary>The limit of what has none.</summary>
    public int MaxRunners { get; init; } = 10;

    /// <summary>ARC's Secret has other keys, and is still needed while both run.</summary>
    public const string SecretSuffix = "-runnerscaler";
}
