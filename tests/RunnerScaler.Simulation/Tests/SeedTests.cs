using RunnerScaler.Simulation.Running;

namespace RunnerScaler.Simulation.Tests;

public sealed class SeedTests
{
    private const int SeedsAtOnce = 50;

    /// <summary>
    /// More of them: <c>dotnet run --project tests/RunnerScaler.Simulation -c Release -- --seeds 100000</c>.
    /// </summary>
    [Theory]
    [MemberData(nameof(Starts))]
    public void EveryPromiseIsKeptWhateverGoesWrong(int from) => AssertKept(from, SeedsAtOnce, new RunSettings());

    [Fact]
    public void EveryPromiseIsKeptWhenNothingGoesWrong() => AssertKept(0, SeedsAtOnce, new RunSettings(Plain: true));

    /// <summary>
    /// Seeds that broke a promise before a fault of ours was mended. What else changes gives a seed another course, so
    /// the rules that were broken are also among the <see cref="TeethTests"/>, where they can be.
    /// </summary>
    [Theory]
    [InlineData(340, "an identity of an earlier term was believed in, and a busy pod deleted")]
    public void SeedsThatFoundAFaultKeepEveryPromise(int seed, string fault)
    {
        Assert.NotEmpty(fault);
        AssertKept(seed, 1, new RunSettings());
    }

    public static TheoryData<int> Starts() => new(Enumerable.Range(0, 11).Select(i => i * SeedsAtOnce));

    private static void AssertKept(int from, int count, RunSettings settings)
    {
        var campaign = new Campaign(settings);
        campaign.Run(from, count, Environment.ProcessorCount, stopAfter: 1);
        if (campaign.Broken is [var broken, ..])
            Assert.Fail(SeedCommand.Describe(broken));
        Assert.Equal(count, campaign.Done);
    }
}
