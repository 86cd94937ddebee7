namespace RunnerScaler.Simulation.Reading;

/// <summary>What GitHub never says: whoever checks what is told must notice it.</summary>
internal enum ReadingLie
{
    None,

    /// <summary>Runs are there, and a list of them is answered as an empty one.</summary>
    NoRuns,

    /// <summary>A registration is said to be deleted, and is not.</summary>
    NotDeleted,
}
