using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

/// <summary>Small, valid objects to start a test from; what a test is about it says itself.</summary>
internal static class Given
{
    public const string Server = "https://github.com";

    /// <summary>A Monday at noon, UTC.</summary>
    public static readonly DateTimeOffset Now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    public static readonly AccountKey Account = new("ci", "github-app", Server);

    public static readonly PoolKey Linux = new("ci", "linux");

    public static readonly RegistrationTarget Acme = new(Account, "acme", null);

    public static Scope Organization(string owner = "acme", string? group = null, params string[] only) => new()
    {
        Kind = ScopeKind.Organization,
        Server = Server,
        Owner = owner,
        RunnerGroup = group,
        Only = [.. only],
    };

    public static Scope EachRepository(string owner = "alice") =>
        new() { Kind = ScopeKind.EachRepository, Server = Server, Owner = owner };

    public static Pool Pool(
        string name = "linux", int max = 10, string labels = "self-hosted linux", int priority = 0,
        params Scope[] serves) =>
        new()
        {
            Key = new("ci", name),
            Account = Account,
            Serves = serves.Length == 0 ? [Organization()] : [.. serves],
            Labels = Labels(labels),
            MaxRunners = max,
            Priority = priority,
        };

    public static Pool Warm(this Pool pool, int standby = 0, int idle = 0) =>
        pool with { Warm = new(standby, idle, []) };

    public static LabelSet Labels(string labels) =>
        LabelSet.Of(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public static RepositoryKey Repository(string path = "acme/app") =>
        RepositoryKey.Of(Server, path.Split('/')[0], path.Split('/')[1]);

    public static Job Job(
        long id = 1, string repository = "acme/app", string labels = "self-hosted linux",
        JobState state = JobState.Queued, TimeSpan? age = null, string? runner = null) => new()
        {
            Id = id,
            RunId = id,
            Repository = Repository(repository),
            Name = $"job {id}",
            Labels = Labels(labels),
            State = state,
            QueuedAt = Now - (age ?? TimeSpan.FromMinutes(1)),
            StartedAt = state is JobState.Running or JobState.Completed ? Now - TimeSpan.FromSeconds(30) : null,
            CompletedAt = state == JobState.Completed ? Now : null,
            RunnerName = runner,
        };

    /// <summary>Queued jobs with the ids 1 … <paramref name="count"/>, the oldest first.</summary>
    public static Job[] Jobs(int count, string repository = "acme/app") =>
        [.. Enumerable.Range(1, count).Select(i => Job(i, repository, age: TimeSpan.FromMinutes(60 - i)))];

    /// <summary>A board that has read these jobs, and so knows their repositories.</summary>
    public static JobBoard Board(params IEnumerable<Job> jobs) => BoardAt(Now, jobs);

    public static JobBoard BoardAt(DateTimeOffset readAt, params IEnumerable<Job> jobs)
    {
        var byRepository = jobs.GroupBy(j => j.Repository).ToArray();
        JobObservation start = new JobObservation.AccountRead(Account, [.. byRepository.Select(g => g.Key)], readAt);
        return byRepository.Aggregate(
            JobBoard.Empty.Apply(start),
            (board, g) => board.Apply(new JobObservation.RepositoryRead(Account, g.Key, [.. g], readAt)));
    }

    public static string Uid(int slot, string pool = "linux") =>
        $"{slot:x8}-{(uint)pool.Length:x4}-4000-8000-000000000000";

    public static string RunnerName(int slot, int attempt = 1) => Slot.RunnerName("linux", slot, Uid(slot), attempt);

    public static Grant Grant(
        int slot, RegistrationTarget? target = null, DateTimeOffset? at = null, int attempt = 1) =>
        new(target ?? Acme, RunnerName(slot, attempt), attempt, at ?? Now - TimeSpan.FromSeconds(20));

    public static PodFacts Pod(int slot, PodPhase phase = PodPhase.Running, Grant? grant = null) => new()
    {
        Pool = Linux,
        Slot = slot,
        Uid = Uid(slot),
        ResourceVersion = "1",
        Phase = phase,
        CreatedAt = Now - TimeSpan.FromMinutes(1),
        ScheduledAt = phase == PodPhase.Pending ? null : Now - TimeSpan.FromSeconds(50),
        AcceptedAt = phase == PodPhase.Pending ? null : Now - TimeSpan.FromSeconds(49),
        StartedAt = phase == PodPhase.Pending ? null : Now - TimeSpan.FromSeconds(40),
        Seen = new(Now - TimeSpan.FromMinutes(1))
        {
            Scheduled = phase == PodPhase.Pending ? null : Now - TimeSpan.FromSeconds(50),
            Grant = grant?.At,
        },
        ClaimAnnotation = grant is null ? null : AnnotationOf(grant),
        Released = grant is not null,
    };

    /// <summary>What says on a pod that it was given this identity.</summary>
    public static ClaimAnnotation AnnotationOf(Grant grant) => new(
        $"{grant}", grant.Attempt, grant.At, grant.Target.Owner, grant.Target.Repository)
    {
        RunnerName = grant.RunnerName,
        Account = grant.Target.Account,
    };

    public static PodFacts Ended(
        int slot, int? code = 0, string reason = "Completed", bool? ranJob = null, Grant? grant = null) =>
        Ended(Pod(slot, code == 0 ? PodPhase.Succeeded : PodPhase.Failed, grant), code, reason, ranJob);

    /// <summary>The pod, when its runner has ended now.</summary>
    public static PodFacts Ended(
        PodFacts pod, int? code = 0, string reason = "Completed", bool? ranJob = null) => pod with
        {
            Exit = new(code, reason, ranJob, Now)
            {
                FromOutside = reason is not ("Completed" or "Error" or "OOMKilled" or "NeverStarted"),
            },
            Seen = pod.Seen with { Ended = Now },
        };

    public static (PodFacts, RunnerNote) Starting(int slot) => (Pod(slot, PodPhase.Pending), RunnerNote.None);

    public static (PodFacts, RunnerNote) Standby(int slot, TimeSpan? age = null, bool waiting = true) =>
        (Pod(slot), new() { ClaimedAt = Now - (age ?? TimeSpan.FromSeconds(30)), Waiting = waiting });

    public static (PodFacts, RunnerNote) Registered(int slot, RegistrationTarget? target = null, TimeSpan? age = null)
    {
        var grant = Grant(slot, target, Now - (age ?? TimeSpan.FromSeconds(20)));
        return (Pod(slot, grant: grant), new()
        {
            ClaimedAt = grant.At,
            Grant = grant,
            Requested = true,
            Attempt = 1,
            RunnerId = slot,
            RegisteredAt = grant.At,
        });
    }

    public static (PodFacts, RunnerNote) Busy(int slot, RegistrationTarget? target = null)
    {
        var (pod, note) = Registered(slot, target);
        return (pod, note with { BusySince = Now - TimeSpan.FromSeconds(10) });
    }

    public static Fleet Fleet(params IEnumerable<(PodFacts Pod, RunnerNote Note)> runners) =>
        Fleet(JobBoard.Empty, runners);

    public static Fleet Fleet(JobBoard board, IEnumerable<(PodFacts Pod, RunnerNote Note)> runners)
    {
        var all = runners.ToDictionary(r => r.Pod.Uid, r => r.Note);
        return RunnerScaler.Scaling.Runners.Fleet.Of(
            runners.Select(r => r.Pod), [], uid => all[uid], _ => Pool(), board);
    }

    public static Runner Runner((PodFacts Pod, RunnerNote Note) of, JobBoard? board = null) =>
        RunnerScaler.Scaling.Runners.Runner.Of(of.Pod, of.Note, Pool(), board ?? JobBoard.Empty);

    /// <summary>A pass over a pool whose queue is known and holds these jobs.</summary>
    public static PlanInput Input(Pool pool, IEnumerable<Job> jobs, params IEnumerable<(PodFacts, RunnerNote)> runners)
    {
        var board = Board(jobs);
        return new()
        {
            Pool = pool,
            Demand = Demand.Share(board, [pool]).Of(pool.Key),
            Fleet = Fleet(board, runners),
            QueueKnown = true,
            Now = Now,
        };
    }

    public static Problem Problem(ProblemReason reason, DateTimeOffset? until = null) =>
        new(reason, $"It is {reason}.", until);

    public static ImmutableDictionary<RegistrationTarget,
        Problem> FaultAt(RegistrationTarget target, Problem problem) =>
        ImmutableDictionary<RegistrationTarget, Problem>.Empty.Add(target, problem);
}
