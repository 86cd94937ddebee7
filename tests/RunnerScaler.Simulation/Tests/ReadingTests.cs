using RunnerScaler.Simulation.Reading;

namespace RunnerScaler.Simulation.Tests;

public sealed class ReadingTests
{
    private const int Seeds = 50;

    /// <summary>In so many of the seeds each kind of fault is met, at least.</summary>
    private const int Least = 3;

    [Fact]
    public void WhatIsToldOfGitHubIsTrueWhateverGoesWrong()
    {
        var campaign = ReadingCampaign.Of(0, Seeds, Environment.ProcessorCount);

        Assert.Empty(campaign.Broken);
        Assert.True(campaign.Concluded > Seeds / 2, $"{campaign}");
        Assert.DoesNotContain(Enum.GetValues<ReadingFault>(), f => campaign.SeedsWith(f) < Least);
    }

    /// <summary>Who never notices anything proves nothing.</summary>
    [Theory]
    [InlineData(nameof(ReadingLie.NoRuns))]
    [InlineData(nameof(ReadingLie.NotDeleted))]
    public void WhatIsUntrueIsNoticed(string lie) => Assert.Contains(
        Enumerable.Range(0, 20), seed => ReadingRun.Of(seed, Enum.Parse<ReadingLie>(lie)).Broken is not null);
}
