namespace RunnerScaler.Scaling.Runners;

/// <summary>An image build of a job, as the program in the pod noted it: figures only, for metrics.</summary>
/// <param name="Command">What was run.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Steps">How many steps it had; null if nobody knows.</param>
/// <param name="CachedSteps">How many of them came from the cache; null if nobody knows.</param>
internal readonly record struct Build(
    BuildCommand Command, BuildResult Result, TimeSpan Time, int? Steps, int? CachedSteps);

internal enum BuildCommand
{
    Build,
    Bake,
}

internal enum BuildResult
{
    Success,
    Failure,
    Canceled,
}
