using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.Running;

namespace RunnerScaler.Simulation.Tests;

/// <summary>
/// A simulation that never finds anything proves nothing: rules are broken on purpose, and it must notice.
/// </summary>
public sealed class TeethTests
{
    /// <param name="mutation">The rule that is broken.</param>
    /// <param name="promise">The promise that breaks with it.</param>
    /// <param name="seeds">It does so in one of these first seeds; several times more than are needed now.</param>
    [Theory]
    [InlineData(nameof(Mutation.RandomPodNames), "maxRunners", 40)]
    [InlineData(nameof(Mutation.NoPendingWrites), "one request a slot", 20)]
    [InlineData(nameof(Mutation.PodBeforeRegistration), "no busy runner is deleted", 400)]
    [InlineData(nameof(Mutation.RegrantKeepsRegistration), "one identity a pod", 60)]
    [InlineData(nameof(Mutation.FailedReadIsEmpty), "failed reads lower nothing", 40)]
    [InlineData(nameof(Mutation.NoSweep), "nothing is left", 400)]
    [InlineData(nameof(Mutation.HidesRefusals), "conditions say why a job waits", 200)]
    [InlineData(nameof(Mutation.KeepsOwner), "no job ends with its pool", 100)]
    public void ABrokenRuleIsNoticed(string mutation, string promise, int seeds)
    {
        var settings = new RunSettings(Mutation: Enum.Parse<Mutation>(mutation));

        for (var seed = 0; seed < seeds; seed++)
            if (SimRun.Of(seed, settings).Failure?.Promise == promise)
                return;

        Assert.Fail($"{mutation} did not break the promise '{promise}' in {seeds} seeds");
    }
}
