namespace RunnerScaler.Scaling.Pools;

/// <summary>Who answers for a runner.</summary>
internal enum Authority
{
    /// <summary>The pool that it was made for.</summary>
    Pool,

    /// <summary>That pool is gone, and what it was is remembered: where the runner is registered, and with which
    /// credential.</summary>
    Departed,

    /// <summary>That pool is gone, and nothing is known of it: GitHub cannot be asked about the runner.</summary>
    Unknown,
}
