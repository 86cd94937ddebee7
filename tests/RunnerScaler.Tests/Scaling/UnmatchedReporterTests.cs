using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Tests.Scaling;

public sealed class UnmatchedReporterTests
{
    [Fact]
    public void AllSetsOfLabelsAreNamedEachOnce()
    {
        var told = Of("windows", "gpu", "windows", "GPU", "macos").Message;
        Assert.Contains("asks for [self-hosted, windows], which no pool has", told, StringComparison.Ordinal);
        Assert.EndsWith(
            " Other jobs ask for [gpu, self-hosted]; [macos, self-hosted].", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Other", Of("windows", "windows").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfManyAFewAreNamed() => Assert.EndsWith(
        "[b, self-hosted]; [c, self-hosted]; [d, self-hosted] and 2 more sets of labels.",
        Of("a", "b", "c", "d", "e", "f").Message, StringComparison.Ordinal);

    private static PoolCondition Of(params string[] labels)
    {
        var pool = Given.Pool();
        var board = Given.Board(labels.Select((l, i) => Given.Job(i + 1, labels: $"self-hosted {l}")));
        return UnmatchedReporter.Of(new PlanInput
        {
            Pool = pool,
            Demand = Demand.Share(board, [pool]).Of(pool.Key),
            Fleet = Given.Fleet(board, []),
            QueueKnown = true,
            Now = Given.Now,
        });
    }
}
