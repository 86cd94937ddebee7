namespace RunnerScaler.Control.Ports;

/// <summary>What became of a hint that something happened in a repository.</summary>
internal enum HintResult
{
    /// <summary>The repository is read at once.</summary>
    Taken,

    /// <summary>It is none that a pool serves, or it has not been found yet.</summary>
    Unknown,

    /// <summary>This replica does not read the queue now.</summary>
    NotLeading,
}
