namespace RunnerScaler.Simulation.World;

/// <summary>How often each kind of fault was met.</summary>
internal sealed class FaultCounts
{
    private readonly int[] counts = new int[Enum.GetValues<FaultKind>().Length];

    public int this[FaultKind kind] => counts[(int)kind];

    public void Met(FaultKind kind) => counts[(int)kind]++;

    /// <summary>The kinds that were met at all.</summary>
    public IEnumerable<FaultKind> Kinds => Enum.GetValues<FaultKind>().Where(k => this[k] > 0);
}
