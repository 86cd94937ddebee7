using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;


namespace RunnerScaler.Tests.Scaling;

public sealed class LabelAdviceTests
{
    private static readonly Pool Linux = Given.Pool();

    [Theory]
    [InlineData("self-hosted,linux", "is one label to GitHub: write a list, runs-on: [self-hosted, linux]")]
    [InlineData("self-hosted, LINUX ", "write a list, runs-on: [self-hosted, LINUX]")]
    [InlineData("self-hosted linux", "write a list")]
    [InlineData("[self-hosted, linux]", "write a list")]
    [InlineData("linux ", "has characters around the label 'linux'")]
    [InlineData("\u00a0linux", "has characters around the label 'linux'")]
    [InlineData("\"linux\"", "has characters around the label 'linux'")]
    [InlineData("self_hosted", "is nearest to the label 'self-hosted'")]
    [InlineData("SelfHosted", "is nearest to the label 'self-hosted'")]
    [InlineData("${{ matrix.os }}", "did not evaluate")]
    public void ALabelInAnotherSpellingIsToldWithTheNearest(string label, string advice)
    {
        var job = Given.Job() with { Labels = LabelSet.Of(label) };
        Assert.Equal(Linux.Key, LabelMatch.Nearest([Linux], job)!.Key);
        var report = PoolReporter.Report(1, Given.Input(Linux, [job]), Plan(job), Given.Now);
        var unmatched = report.Conditions.Single(c => c.Type == "JobsUnmatched");
        Assert.Equal((true, "NoPoolMatches"), (unmatched.Holds, unmatched.Reason));
        Assert.Contains(advice, unmatched.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(unmatched.Message, char.IsControl);
    }

    [Theory]
    [InlineData("ubuntu-latest")]
    [InlineData("ubuntu-24.04")]
    [InlineData("windows-2025")]
    [InlineData("macos-15-xlarge")]
    [InlineData("linux-x64-16-cores")]
    public void JobsForGitHubsOwnRunnersAreNobodysBusiness(string label) => Assert.Null(
        LabelMatch.Nearest([Linux], Given.Job() with { Labels = LabelSet.Of(label) }));

    [Fact]
    public void ALabelThatIsTooLongForAnyRunnerIsToldInShort()
    {
        var job = Given.Job() with { Labels = LabelSet.Of("self-hosted", new string('x', 100_000)) };
        var advice = LabelAdvice.For(Linux, job);
        Assert.Contains("has 100000 characters, and no runner can", advice, StringComparison.Ordinal);
        Assert.InRange($"{job.Labels}{advice}".Length, 1, 500);
    }

    [Fact]
    public void ALabelThatIsNearToNothingIsLeftAlone() =>
        Assert.Equal("", LabelAdvice.For(Linux, Given.Job(labels: "self-hosted gpu")));

    private static Plan Plan(Job job) => Planner.Plan(Given.Input(Linux, [job]));
}
