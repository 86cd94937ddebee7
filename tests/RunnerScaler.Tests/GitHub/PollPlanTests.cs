using CsCheck;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Queue;

namespace RunnerScaler.Tests.GitHub;

public sealed class PollPlanTests
{
    private static readonly GitHubOptions Options = new();

    [Theory]
    [InlineData(0, 0, 10, 1, 3, 3, 4)]
    [InlineData(10, 0, 0, 1, 3, 3, 4)]
    [InlineData(0, 0, 10, 5, 15, 15, 20)]
    public void WithBudgetToSpareAllAreReadAsOftenAsAllowed(
        int hot, int warm, int cold, double stretch, double hotSeconds, double warmSeconds, double coldSeconds)
    {
        var plan = PollPlan.For(Options, Costs(hot, warm, cold), stretch);

        Assert.Equal(hotSeconds, plan[Tier.Hot].TotalSeconds, 0.1);
        Assert.Equal(warmSeconds, plan[Tier.Warm].TotalSeconds, 0.1);
        Assert.Equal(coldSeconds, plan[Tier.Cold].TotalSeconds, 0.1);
    }

    [Theory]
    [InlineData(30, 60, 60, 6, 60)]
    [InlineData(15, 0, 1000, 12, 300)]
    [InlineData(0, 0, 100, 3, 16)]
    public void NeitherAreColdOnesForgottenNorHotOnesSlowedDownByMany(
        int hot, int warm, int cold, double hotSeconds, double coldSeconds)
    {
        var plan = PollPlan.For(Options, Costs(hot, warm, cold), 1);

        Assert.InRange(plan.Hot.TotalSeconds, 3, hotSeconds);
        Assert.InRange(plan.Cold.TotalSeconds, 4, coldSeconds);
    }

    [Theory]
    [InlineData(0, 652)]
    [InlineData(100, 552)]
    [InlineData(500, 217)]
    [InlineData(900, 217)]
    public void RegistrationsTakeOfItWhatTheyNeedAndReadingKeepsAThird(double written, double perMinute)
    {
        var plan = PollPlan.For(Options, Costs(0, 0, 1000), 1, written);
        Assert.Equal(perMinute, 60 * 1000 / plan.Cold.TotalSeconds, 1.0);
    }

    [Fact]
    public void TheRateIsKeptHotOnesAreReadMoreOftenAndMoreWorkMakesNoneFaster() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[0, 300], Gen.Int[0, 600]).Sample((hot, warm, cold) =>
        {
            var plan = PollPlan.For(Options, Costs(hot, warm, cold), 1);
            var perSecond = (hot / plan.Hot.TotalSeconds) + (warm / plan.Warm.TotalSeconds)
                + (cold / plan.Cold.TotalSeconds);
            var more = PollPlan.For(Options, Costs(hot + 10, warm, cold), 1);
            return perSecond <= (Options.MinuteLimit * Options.PollShare / 60) + 0.01
                && plan.Hot <= plan.Warm && plan.Warm <= plan.Cold
                && more.Hot >= plan.Hot - TimeSpan.FromMilliseconds(1)
                && more.Cold >= plan.Cold - TimeSpan.FromMilliseconds(1);
        });

    private static Dictionary<Tier, double> Costs(int hot, int warm, int cold) =>
        new() { [Tier.Hot] = hot, [Tier.Warm] = warm, [Tier.Cold] = cold };
}
