namespace RunnerImage.Builders;

/// <summary>Where the pod's builds go.</summary>
internal enum BuilderMode
{
    /// <summary>Nowhere: the pool has no builder.</summary>
    None,

    /// <summary>To the BuildKit that runs beside the runner in its pod.</summary>
    Sidecar,

    /// <summary>To daemons that several pods share; the job-started hook chooses one.</summary>
    Shared,
}
