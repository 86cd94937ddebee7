using RunnerScaler.Simulation.Running;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Tests;

public sealed class SeedTests(SeedRuns runs) : IClassFixture<SeedRuns>
{
    /// <summary>Of the seeds that are run, so many in a hundred meet each kind of fault; most kinds ten times as
    /// many.</summary>
    private const int LeastShare = 2;

    /// <summary>
    /// More of them: <c>dotnet run --project tests/RunnerScaler.Simulation -c Release -- --seeds 100000</c>.
    /// </summary>
    [Theory]
    [MemberData(nameof(Starts))]
    public void EveryPromiseIsKeptWhateverGoesWrong(int from) => AssertKept(runs.Of(from), SeedRuns.SeedsAtOnce);

    [Fact]
    public void EveryPromiseIsKeptWhenNothingGoesWrong() =>
        AssertKept(Run(0, SeedRuns.SeedsAtOnce, new RunSettings(Plain: true)), SeedRuns.SeedsAtOnce);

    /// <summary>What is not drawn any more would break no promise.</summary>
    [Fact]
    public void EveryKindOfFaultIsMet()
    {
        var campaigns = SeedRuns.Starts.Select(runs.Of).ToArray();
        var rare = Enum.GetValues<FaultKind>()
            .Select(kind => (Kind: kind, Seeds: campaigns.Sum(c => c.SeedsWith(kind))))
            .Where(k => k.Seeds * 100 < campaigns.Sum(c => c.Done) * LeastShare);

        Assert.Empty(rare);
    }

    /// <summary>
    /// Seeds that broke a promise before a fault of ours was fixed. What else changes gives a seed another course, so
    /// the rules that were broken are also among the <see cref="MutationTests"/>, where they can be.
    /// </summary>
    [Theory]
    [InlineData(1982, "one refusal that asked for minutes of patience stopped a pool, and no condition said so")]
    [InlineData(1919, "a busy pod whose annotation was wiped out was deleted with its pool")]
    [InlineData(340, "an identity of an earlier term was believed in, and a busy pod deleted")]
    public void SeedsThatFoundAFaultKeepEveryPromise(int seed, string fault)
    {
        Assert.NotEmpty(fault);
        AssertKept(Run(seed, 1, new RunSettings()), 1);
    }

    public static TheoryData<int> Starts() => new(SeedRuns.Starts);

    private static Campaign Run(int from, int count, RunSettings settings)
    {
        var campaign = new Campaign(settings);
        campaign.Run(from, count, Environment.ProcessorCount, stopAfter: 1);
        return campaign;
    }

    private static void AssertKept(Campaign campaign, int count)
    {
        if (campaign.Broken is [var broken, ..])
            Assert.Fail(SeedCommand.Describe(broken));
        Assert.Equal(count, campaign.Done);
    }
}
