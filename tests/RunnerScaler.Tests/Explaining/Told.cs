using System.Collections.Immutable;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

/// <summary>What a controller knows after passes of the real planner, and what it tells of it.</summary>
internal static class Told
{
    public static readonly Reader Ci = new(false, false, ["ci"]);

    /// <summary>A pass, as the controller keeps it.</summary>
    public static PoolReading Pass(PlanInput input)
    {
        var plan = Planner.Plan(input);
        return new PoolReading
        {
            Key = input.Pool.Key,
            Report = PoolReporter.Report(1, input, plan, input.Now),
            Fleet = input.Fleet,
            Input = input,
            Plan = plan,
            At = input.Now,
        }.After(null);
    }

    /// <summary>Passes over these pools, whose board shows these jobs.</summary>
    public static Knowledge Known(IEnumerable<Pool> pools, IEnumerable<Job> jobs, params IEnumerable<EndedRunner> ended)
    {
        var (board, all) = (Given.Board(jobs), pools.ToImmutableArray());
        var demand = Demand.Share(board, all);
        return new()
        {
            Now = Given.Now,
            Board = board,
            Ended = [.. ended],
            Pools =
            [
                .. all.Select(pool => Pass(new()
                {
                    Pool = pool,
                    Demand = demand.Of(pool.Key),
                    Fleet = Given.Fleet(board, []),
                    QueueKnown = true,
                    Now = Given.Now,
                })),
            ],
        };
    }

    public static JobAnswer Job(Knowledge known, long id = 1, Reader? reader = null)
    {
        var answer = JobExplanation.Of(known, reader ?? Reader.OfAll, id, null);
        Assert.NotNull(answer);
        return answer;
    }

    public static EndedRunner Ended(
        int slot = 0, OutcomeKind outcome = OutcomeKind.RanJob, Job? job = null, double claimedAfter = 10,
        string pool = "linux")
    {
        var seen = Given.Now.AddMinutes(-10);
        return new()
        {
            Pool = new("ci", pool),
            Pod = Slot.PodName(pool, slot),
            PodUid = Given.Uid(slot),
            Grant = Given.Grant(slot),
            Job = job,
            Outcome = outcome,
            Sentence = "It ended so.",
            SeenAt = seen,
            ClaimedAt = seen.AddSeconds(claimedAfter),
            EndedAt = Given.Now,
        };
    }
}
