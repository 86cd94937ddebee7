namespace RunnerScaler.Scaling.Runners;

/// <summary>How GitHub answered a deletion: the pure part's view of it.</summary>
internal enum Deletion
{
    Deleted,
    Gone,
    Busy,
    Unknown,
}
