using RunnerScaler.Sandbox.Scenario;
using RunnerScaler.Tests.Tidy;

namespace RunnerScaler.Tests.Sandbox.Scenario;

public sealed class ScenarioFileTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void TheExampleOfThePageIsRead()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "scenarios.md"));
        var begin = page.IndexOf("```yaml\n", StringComparison.Ordinal) + 8;

        var scenario = Read(page[begin..page.IndexOf("```", begin, StringComparison.Ordinal)]);

        Assert.Equal("two-teams", scenario.Name);
        Assert.Equal(
            new RightStep(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(12), "create", "pods"),
            Assert.Single(scenario.LostRights));
        Assert.True(scenario.Steps.Length > 3);
    }

    [Theory]
    [InlineData("{at: 5s, until: 4s, verb: create, resource: pods}", "is not after")]
    [InlineData("{at: 5s, until: 9s, resource: pods}", "'verb' and 'resource'")]
    [InlineData("{at: 5s, until: 9s, verb: create}", "'verb' and 'resource'")]
    [InlineData("{at: soon, until: 9s, verb: create, resource: pods}", "'soon' is no time")]
    public void ALostRightThatMakesNoSenseIsExplained(string right, string why)
    {
        var problem = Assert.Throws<ScenarioException>(
            () => Read($"lostRights:\n- {right}\nworkload:\n- {{repository: web, jobs: [{{}}]}}\n"));

        Assert.Contains("lostRights[0]", problem.Message, StringComparison.Ordinal);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    private ScenarioSpec Read(string yaml)
    {
        File.WriteAllText(file, yaml);
        return ScenarioFile.Read(file);
    }
}
