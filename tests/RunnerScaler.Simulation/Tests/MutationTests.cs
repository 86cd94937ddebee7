using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.Running;

namespace RunnerScaler.Simulation.Tests;

/// <summary>
/// A simulation that never finds anything proves nothing: rules are broken on purpose, and it must notice.
/// </summary>
public sealed class MutationTests
{
    /// <param name="mutation">The rule that is broken.</param>
    /// <param name="promise">The promise that breaks with it.</param>
    /// <param name="seeds">It does so in one of so many seeds; several times more than are needed now.</param>
    /// <param name="from">The first of them: where little is to be run until then.</param>
    [Theory]
    [InlineData(nameof(Mutation.RandomPodNames), "maxRunners", 40)]
    [InlineData(nameof(Mutation.NoPendingWrites), "one request a slot", 20)]
    [InlineData(nameof(Mutation.PodBeforeRegistration), "no busy runner is deleted", 400)]
    [InlineData(nameof(Mutation.RegrantKeepsRegistration), "one identity a pod", 60)]
    [InlineData(nameof(Mutation.FailedReadIsEmpty), "failed reads lower nothing", 40)]
    [InlineData(nameof(Mutation.NoSweep), "nothing is left", 400)]
    [InlineData(nameof(Mutation.HidesRefusals), "conditions say why a job waits", 400, 100)]
    [InlineData(nameof(Mutation.BlursRegistrations), "conditions say why a job waits", 500, 90)]
    [InlineData(nameof(Mutation.KeepsOwner), "no job ends with its pool", 600, 120)]
    public void ABrokenRuleIsNoticed(string mutation, string promise, int seeds, int from = 0)
    {
        var settings = new RunSettings(Mutation: Enum.Parse<Mutation>(mutation));

        for (var seed = from; seed < from + seeds; seed++)
            if (SimRun.Of(seed, settings).Failure?.Promise == promise)
                return;

        Assert.Fail($"{mutation} did not break the promise '{promise}' in {seeds} seeds");
    }
}
