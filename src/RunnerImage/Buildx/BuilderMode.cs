namespace RunnerImage.Buildx;

/// <summary>Where builds of this pod run.</summary>
internal enum BuilderMode
{
    /// <summary>Nowhere: what a job brings itself is used as it is.</summary>
    None,

    /// <summary>In the BuildKit sidecar of this pod.</summary>
    Sidecar,

    /// <summary>In one of several BuildKit daemons that pods share.</summary>
    Shared,
}
