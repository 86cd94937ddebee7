using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.Running;

namespace RunnerScaler.Simulation;

/// <summary>The promises of the design, kept by the real Control and Scaling under faults, seed after seed.</summary>
public sealed class SeedTests
{
    private const int Seeds = 500;

    [Fact]
    public void FiveHundredSeedsKeepEveryPromise()
    {
        var campaign = new Campaign(new RunSettings(false, Mutation.None, null));
        campaign.Run(0, Seeds, Environment.ProcessorCount, stopAfter: 1);
        Assert.True(campaign.Broken.Count == 0, string.Concat(campaign.Broken.Take(1).Select(SeedCommand.Describe)));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(354)]
    public void TheSameSeedTakesTheSameCourse(int seed)
    {
        var settings = new RunSettings(false, Mutation.None, null);
        Assert.Equal(SimRun.Of(seed, settings).Hash, SimRun.Of(seed, settings).Hash);
    }

    [Fact]
    public void TwoSeedsTakeTwoCourses()
    {
        var settings = new RunSettings(false, Mutation.None, null);
        Assert.NotEqual(SimRun.Of(1, settings).Hash, SimRun.Of(2, settings).Hash);
    }

    /// <summary>Teeth: with one rule broken on purpose, some seed breaks a promise.</summary>
    [Theory]
    [InlineData(nameof(Mutation.RandomPodNames))]
    [InlineData(nameof(Mutation.RandomNamesRemembered))]
    [InlineData(nameof(Mutation.NoPendingWrites))]
    [InlineData(nameof(Mutation.PodBeforeRegistration))]
    [InlineData(nameof(Mutation.RegrantKeepsRegistration))]
    [InlineData(nameof(Mutation.FailedReadIsEmpty))]
    [InlineData(nameof(Mutation.NoSweep))]
    public void ABrokenRuleIsCaught(string mutation)
    {
        var campaign = new Campaign(new RunSettings(false, Enum.Parse<Mutation>(mutation), null));
        campaign.Run(0, Seeds, Environment.ProcessorCount, stopAfter: 1);
        Assert.NotEmpty(campaign.Broken);
    }
}
