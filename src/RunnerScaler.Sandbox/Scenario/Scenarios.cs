using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Sandbox.Scenario;

/// <summary>The scenarios that come with the sandbox. The same seed gives the same workload.</summary>
internal static class Scenarios
{
    public const string Default = "busy-minute";

    public static readonly ImmutableArray<string> Names = [Default, "burst", "trickle"];

    /// <returns>Null if there is none of this name.</returns>
    public static ScenarioSpec? Find(string name, Random random) => name switch
    {
        Default => BusyMinute(random),
        "burst" => Burst(random),
        "trickle" => Trickle(random),
        _ => null,
    };

    /// <summary>120 jobs in 12 repositories: bursts, two matrices, chains, cancelled runs, re-runs.</summary>
    private static ScenarioSpec BusyMinute(Random random)
    {
        const int jobs = 120;
        var repositories = Repositories(12);
        var steps = new List<WorkloadStep>
        {
            Run(repositories[0], 0, Matrix("test", 12, random)),
            Run(repositories[1], 20, Matrix("integration", 8, random)),
        };
        for (var i = 0; i < 4; i++)
            steps.Add(Run(repositories[2 + i], 5 + 10 * i, Chain(random)));
        for (var i = 0; i < 3; i++)
        {
            var run = Run(repositories[6 + i], 8 + 12 * i, Matrix("cancelled", 2, random));
            steps.Add(run with { CancelAfter = Seconds(random, 0.2, 4) });
        }
        for (var i = 0; i < 3; i++)
            steps.Add(Run(repositories[9 + i], 3 + 14 * i, Flaky(random)) with { RerunFailed = true });

        var rest = jobs - steps.Sum(step => step.Jobs);
        for (var i = 0; i < rest; i++)
        {
            var burst = i % 4 == 3 ? random.NextDouble() * 50 : 15 * (i % 4) + random.NextDouble();
            steps.Add(Run(repositories[random.Next(repositories.Length)], burst, Single(random)));
        }
        return new()
        {
            Name = Default,
            Description = "A busy minute: 120 jobs in 12 repositories",
            Repositories = repositories,
            Steps = InOrder(steps),
        };
    }

    /// <summary>300 jobs at once.</summary>
    private static ScenarioSpec Burst(Random random)
    {
        var repositories = Repositories(10);
        return new()
        {
            Name = "burst",
            Description = "300 jobs at once, in 10 repositories",
            Repositories = repositories,
            Pool = new() { MaxRunners = 300, Standby = 0 },
            Nodes = new() { Count = 10 },
            Steps = [.. repositories.Select(r => Run(r, 0, Matrix("burst", 30, random)))],
        };
    }

    /// <summary>A job now and then, each served by a pod in standby.</summary>
    private static ScenarioSpec Trickle(Random random)
    {
        var repositories = Repositories(3);
        return new()
        {
            Name = "trickle",
            Description = "A job every three seconds, in 3 repositories",
            Repositories = repositories,
            Steps = [.. Enumerable.Range(0, 20).Select(i => Run(repositories[i % 3], 3 * i, Single(random)))],
        };
    }

    private static ImmutableArray<string> Repositories(int count) =>
        [.. Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"app-{i:00}"))];

    private static WorkloadStep Run(string repository, double at, WorkflowSpec workflow) =>
        new(TimeSpan.FromSeconds(at), repository, workflow);

    private static WorkflowSpec Matrix(string name, int width, Random random) => new(name, new JobSpec(name)
    {
        RunsOn = Labels(random),
        Duration = Seconds(random, 2, 10),
        Matrix = [.. Enumerable.Range(1, width).Select(i => i.ToString(CultureInfo.InvariantCulture))],
    });

    private static WorkflowSpec Chain(Random random) => new(
        "deliver",
        new JobSpec("test") { RunsOn = Labels(random), Duration = Seconds(random, 2, 6) },
        new JobSpec("build") { RunsOn = Labels(random), Duration = Seconds(random, 3, 8), Needs = ["test"] },
        new JobSpec("deploy") { RunsOn = Labels(random), Duration = Seconds(random, 1, 3), Needs = ["build"] });

    private static WorkflowSpec Flaky(Random random) => new(
        "nightly",
        new JobSpec("lint") { RunsOn = Labels(random), Duration = Seconds(random, 1, 3) },
        new JobSpec("flaky")
        {
            RunsOn = Labels(random),
            Duration = Seconds(random, 2, 5),
            EndsAs = JobConclusion.Failure,
        });

    private static WorkflowSpec Single(Random random) =>
        new("ci", new JobSpec("build") { RunsOn = Labels(random), Duration = Seconds(random, 2, 12) });

    private static string[] Labels(Random random) => random.Next(3) switch
    {
        0 => ["self-hosted"],
        1 => ["self-hosted", "linux"],
        _ => ["self-hosted", "linux", "x64"],
    };

    private static TimeSpan Seconds(Random random, double from, double to) =>
        TimeSpan.FromSeconds(from + random.NextDouble() * (to - from));

    private static ImmutableArray<WorkloadStep> InOrder(IEnumerable<WorkloadStep> steps) =>
        [.. steps.OrderBy(s => s.At)];
}
