using RunnerImage.Posix;
using RunnerImage.Runner;

namespace RunnerImage.Tests.Runner;

public sealed class RunnerRulesTests
{
    /// <summary>Grace period, interrupt and kill, in seconds from the request to end.</summary>
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(28, 0, 25)]
    [InlineData(30, 2, 27)]
    [InlineData(60, 32, 57)]
    [InlineData(90, 62, 87)]
    [InlineData(3600, 3572, 3597)]
    public void AJobHasTheGracePeriodButWhatEndingItTakes(int grace, int interrupt, int kill) => Assert.Equal(
        new StopPlan(TimeSpan.FromSeconds(interrupt), TimeSpan.FromSeconds(kill)),
        StopPlan.For(TimeSpan.FromSeconds(grace)));

    [Theory]
    [InlineData(2, 0, false, false, 0, nameof(Relaunch.AfterPause))]
    [InlineData(3, 0, false, false, 0, nameof(Relaunch.AfterUpdate))]
    [InlineData(4, 0, false, false, 4, nameof(Relaunch.AfterUpdate))]
    [InlineData(2, 0, false, false, 5, nameof(Relaunch.No))]
    [InlineData(2, 0, true, false, 0, nameof(Relaunch.No))]
    [InlineData(2, 0, false, true, 0, nameof(Relaunch.No))]
    [InlineData(0, 2, false, false, 0, nameof(Relaunch.No))]
    [InlineData(0, 0, false, false, 0, nameof(Relaunch.No))]
    [InlineData(1, 0, false, false, 0, nameof(Relaunch.No))]
    [InlineData(5, 0, false, false, 0, nameof(Relaunch.No))]
    [InlineData(7, 0, false, false, 0, nameof(Relaunch.No))]
    [InlineData(102, 0, false, false, 0, nameof(Relaunch.No))]
    public void TheListenerIsStartedAgainWhereGitHubsScriptDoes(
        int code, int signal, bool began, bool asked, int times, string expected) =>
        Assert.Equal(Enum.Parse<Relaunch>(expected),
            RelaunchRule.Decide(new ProcessEnd(code, signal), began, asked, times));
}
