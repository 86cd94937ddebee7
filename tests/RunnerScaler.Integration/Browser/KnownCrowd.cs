using System.Collections.Immutable;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Integration.Browser;

/// <summary>What a controller knows that has so many jobs and runners, after passes of the real planner.</summary>
internal static class KnownCrowd
{
    private const string Server = "https://github.com";

    private static readonly AccountKey Account = new("ci", "github-app", Server);
    private static readonly PoolKey[] Pools = [new("ci", "linux"), new("ci", "linux-arm"), new("team-b", "gpu")];

    /// <param name="now">The controller's time.</param>
    /// <param name="jobs">How many jobs wait.</param>
    /// <param name="runners">How many runners there are.</param>
    /// <param name="nameOf">What the jobs are called.</param>
    /// <param name="ended">Runners that ended badly.</param>
    public static Knowledge Of(DateTimeOffset now, int jobs, int runners, Func<int, string> nameOf, int ended = 0)
    {
        var pools = Pools.Select((key, i) => new Pool
        {
            Key = key,
            Account = Account,
            Serves = [new Scope { Kind = ScopeKind.Organization, Server = Server, Owner = "acme" }],
            Labels = LabelSet.Of("self-hosted", key.Name),
            MaxRunners = runners / Pools.Length,
        }).ToImmutableArray();
        Job[] queued =
        [
            .. Enumerable.Range(1, jobs).Select(i => JobOf(i, nameOf(i), now, Pools[i % Pools.Length].Name)),
        ];
        var board = BoardOf(queued, now);
        var demand = Demand.Share(board, pools);
        return new()
        {
            Now = now,
            Board = board,
            Pools = [.. pools.Select(pool => ReadingOf(pool, demand, board, now))],
            Ended = [.. Enumerable.Range(0, ended).Select(i => EndedOf(i, queued[i % queued.Length], now))],
            Phases =
            [
                .. from minute in Enumerable.Range(0, 55)
                   from phase in PhasePicture.Waits
                   select new PhaseFigure(
                       Pools[0], phase, now.AddMinutes(-minute), 1,
                       TimeSpan.FromSeconds(1 + ((minute * 7 * (1 + (int)phase)) % 11))),
            ],
            Budgets =
            [
                new(Account, "the App of Secret ci/github-app at 'acme'", "core", 3412, 5000, now.AddMinutes(21)),
            ],
        };
    }

    private static Job JobOf(int id, string name, DateTimeOffset now, string label) => new()
    {
        Id = 50_000_000_000 + id,
        RunId = 20_000_000_000 + (id / 4),
        Repository = RepositoryKey.Of(Server, "acme", $"service-{id % 40}"),
        Name = name,
        Labels = LabelSet.Of("self-hosted", label),
        State = JobState.Queued,
        QueuedAt = now.AddSeconds(-10 - (3 * id)),
    };

    private static JobBoard BoardOf(Job[] jobs, DateTimeOffset now)
    {
        var byRepository = jobs.GroupBy(j => j.Repository).ToArray();
        JobObservation start = new JobObservation.AccountRead(Account, [.. byRepository.Select(g => g.Key)], now);
        return byRepository.Aggregate(
            JobBoard.Empty.Apply(start),
            (board, g) => board.Apply(new JobObservation.RepositoryRead(Account, g.Key, [.. g], now)));
    }

    private static PoolReading ReadingOf(Pool pool, Demand demand, JobBoard board, DateTimeOffset now)
    {
        var notes = new Dictionary<string, RunnerNote>();
        var pods = Enumerable.Range(0, pool.MaxRunners).Select(slot => PodOf(pool, slot, now, notes)).ToArray();
        var input = new PlanInput
        {
            Pool = pool,
            Demand = demand.Of(pool.Key),
            Fleet = Fleet.Of(pods, [], uid => notes[uid], _ => pool, board),
            QueueKnown = true,
            Now = now,
        };
        var plan = Planner.Plan(input);
        return new PoolReading
        {
            Key = pool.Key,
            Report = PoolReporter.Report(1, input, plan, now),
            Fleet = input.Fleet,
            Input = input,
            Plan = plan,
            At = now,
        }.After(null);
    }

    private static PodFacts PodOf(Pool pool, int slot, DateTimeOffset now, Dictionary<string, RunnerNote> notes)
    {
        var (uid, since) = ($"{pool.Key.Name}-{slot:x8}", now.AddSeconds(-40 - (2 * slot)));
        notes[uid] = (slot % 6) switch
        {
            5 => new() { ClaimedAt = since.AddSeconds(20), Waiting = true },
            _ => new() { ClaimedAt = since.AddSeconds(20), BusySince = since.AddSeconds(30) },
        };
        return new()
        {
            Pool = pool.Key,
            Slot = slot,
            Uid = uid,
            ResourceVersion = "1",
            Phase = PodPhase.Running,
            CreatedAt = since,
            ScheduledAt = since,
            AcceptedAt = since,
            StartedAt = since.AddSeconds(4),
            Seen = new(since),
            Node = $"node-{slot % 20}.example.internal",
        };
    }

    private static EndedRunner EndedOf(int i, Job job, DateTimeOffset now) => new()
    {
        Pool = Pools[0],
        Pod = $"linux-{i}",
        PodUid = $"ended-{i}",
        Job = job,
        Outcome = i % 3 == 0 ? OutcomeKind.OutOfMemory : OutcomeKind.RanJob,
        Sentence = i % 3 == 0
            ? $"The runner in 'linux-{i}' ran out of memory; raise the memory limit in spec.template."
            : $"The runner in 'linux-{i}' ran its job; it ended with Completed, exit code 0.",
        SeenAt = now.AddMinutes(-10 - i),
        EndedAt = now.AddMinutes(-i),
    };
}
