using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Bench;

/// <summary>
/// What one change costs when there is much: a repository is read anew, and each of its pools is planned again.
/// </summary>
/// <param name="pools">How many pools share the jobs and the runners.</param>
/// <param name="jobs">Jobs, half of them running, if they are not all queued; as many runners.</param>
/// <param name="allQueued">No job runs yet, and all pods wait for an identity.</param>
/// <param name="time">The clock.</param>
internal sealed class PlanAtSize(int pools, int jobs, bool allQueued, TimeProvider time)
{
    private const string Server = "https://github.com";
    private const int Repositories = 200;

    private static readonly DateTimeOffset Now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountKey Account = new("ci", "github-app", Server);

    private static readonly RunnerNote Waits = new() { ClaimedAt = Now.AddMinutes(-1), Waiting = true };

    /// <summary>Milliseconds: of sharing the board out, of planning one pool, and of planning all.</summary>
    public PlanFigures Measure(int rounds)
    {
        var all = Enumerable.Range(0, pools).Select(PoolOf).ToArray();
        var board = Enumerable.Range(0, Repositories).Aggregate(
            JobBoard.Empty.Apply(new JobObservation.AccountRead(
                Account, [.. Enumerable.Range(0, Repositories).Select(RepositoryOf)], Now)),
            (known, repository) => known.Apply(ReadingOf(repository, Now)));
        var pods = Array.ConvertAll(
            all, p => Enumerable.Range(0, p.MaxRunners).Select(slot => PodOf(p, slot)).ToArray());
        var (anew, share, one, each) = (
            new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var demand = Demand.Share(board, [.. all]);
        for (var round = 0; round < rounds; round++)
        {
            var began = time.GetTimestamp();
            Demand.Share(board, [.. all]);
            anew.Add(time.GetElapsedTime(began).TotalMilliseconds);
            began = time.GetTimestamp();
            board = board.Apply(ReadingOf(round % Repositories, Now.AddSeconds(round + 1)));
            demand = Demand.Share(board, [.. all], demand);
            share.Add(time.GetElapsedTime(began).TotalMilliseconds);
            for (var pool = 0; pool < pools; pool++)
            {
                Plan(all[pool], pods[pool], board, demand);
                if (pool == 0)
                    one.Add(time.GetElapsedTime(began).TotalMilliseconds);
            }
            each.Add(time.GetElapsedTime(began).TotalMilliseconds);
        }
        return new(Median(anew), Median(share), Median(one), Median(each));
    }

    private void Plan(Pool pool, PodFacts[] pods, JobBoard board, Demand demand) => Planner.Plan(new()
    {
        Pool = pool,
        Demand = demand.Of(pool.Key),
        Fleet = Fleet.Of(pods, [], _ => allQueued ? Waits : RunnerNote.None, _ => pool, board),
        QueueKnown = true,
        Now = Now,
    });

    private Pool PoolOf(int number) => new()
    {
        Key = new("ci", $"pool{number}"),
        Account = Account,
        Serves = [new Scope { Kind = ScopeKind.Organization, Server = Server, Owner = "acme" }],
        Labels = LabelSet.Of("self-hosted", "linux", $"size-{number}"),
        MaxRunners = jobs / pools,
    };

    private static RepositoryKey RepositoryOf(int number) => RepositoryKey.Of(Server, "acme", $"app{number}");

    private JobObservation.RepositoryRead ReadingOf(int repository, DateTimeOffset at)
    {
        var here = jobs / Repositories;
        return new JobObservation.RepositoryRead(
            Account, RepositoryOf(repository),
            [.. Enumerable.Range(repository * here, here).Select(id => JobOf(id, repository))], at);
    }

    private Job JobOf(int id, int repository)
    {
        var (pool, slot) = (id % pools, id / pools);
        var runs = !allQueued && id % 2 == 0;
        return new()
        {
            Id = id + 1,
            RunId = id + 1,
            Repository = RepositoryOf(repository),
            Labels = LabelSet.Of("self-hosted", $"size-{pool}"),
            State = runs ? JobState.Running : JobState.Queued,
            QueuedAt = Now.AddMinutes(-5),
            StartedAt = runs ? Now.AddMinutes(-1) : null,
            RunnerName = runs ? Slot.RunnerName($"pool{pool}", slot, UidOf(slot), 1) : null,
        };
    }

    private PodFacts PodOf(Pool pool, int slot) => new()
    {
        Pool = pool.Key,
        Slot = slot,
        Uid = UidOf(slot),
        ResourceVersion = "1",
        Phase = PodPhase.Running,
        CreatedAt = Now.AddMinutes(-2),
        ClaimAnnotation = !allQueued && slot % 2 == 0
            ? new ClaimAnnotation("", 1, Now.AddMinutes(-1), "acme", null)
            : null,
    };

    private static string UidOf(int slot) => $"{slot:x8}-0000-4000-8000-000000000000";

    private static double Median(List<double> values) =>
        Math.Round(values.Order().ElementAt(values.Count / 2), 2);
}

/// <param name="ShareAnewMilliseconds">A board of which nothing was known is shared out.</param>
/// <param name="ShareMilliseconds">A repository's reading is taken in, and the board shared out.</param>
/// <param name="OnePoolMilliseconds">The same, and one pool planned.</param>
/// <param name="AllPoolsMilliseconds">The same, and all pools planned.</param>
internal sealed record PlanFigures(
    double ShareAnewMilliseconds, double ShareMilliseconds, double OnePoolMilliseconds, double AllPoolsMilliseconds);
