namespace RunnerScaler.Protocol;

/// <summary>Where a pool's jobs build their images: the words of <c>spec.builder.mode</c>.</summary>
internal enum BuilderMode
{
    /// <summary>At the BuildKit that runs beside the runner in its pod.</summary>
    Sidecar,

    /// <summary>At daemons that other pods use as well; the job-started hook chooses one.</summary>
    Shared,

    /// <summary>Nowhere, as far as we are concerned.</summary>
    None,
}
