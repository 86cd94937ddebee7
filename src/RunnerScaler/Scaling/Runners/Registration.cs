namespace RunnerScaler.Scaling.Runners;

/// <summary>A self-hosted runner as GitHub lists it.</summary>
/// <param name="Id">GitHub's id; beyond 32 bits.</param>
/// <param name="Name">The runner's name, unique at its target.</param>
/// <param name="Online">Whether it is connected.</param>
/// <param name="Busy">Whether it has a job.</param>
internal sealed record Registration(long Id, string Name, bool Online, bool Busy)
{
    /// <summary>The version of its program, such as <c>2.336.0</c>; null if GitHub does not say.</summary>
    public string? Version { get; init; }
}
