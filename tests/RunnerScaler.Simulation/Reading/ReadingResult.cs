namespace RunnerScaler.Simulation.Reading;

/// <summary>What became of a seed.</summary>
/// <param name="Broken">What was untrue; null if nothing was.</param>
/// <param name="Met">The faults that were met.</param>
/// <param name="Elapsed">How long it took, in virtual time.</param>
/// <param name="IsConcluded">Whether it all ran where it could be followed: see <see cref="StepTime.Escaped"/>.</param>
internal sealed record ReadingResult(
    string? Broken, IReadOnlySet<ReadingFault> Met, TimeSpan Elapsed, bool IsConcluded);
