using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.GitHub;
using RunnerScaler.Simulation.Pods;
using RunnerScaler.Simulation.Workload;
using RunnerScaler.Simulation.World;
using Conditions = RunnerScaler.Scaling.Pools.Conditions;
using Job = RunnerScaler.Sandbox.GitHub.Job;
using Pool = RunnerScaler.Scaling.Pools.Pool;

namespace RunnerScaler.Simulation.Promises;

/// <summary>
/// A job that a pool can serve gets a runner, or the pool's own conditions say why not: also while things go wrong, as
/// long as the same leader has gone on undisturbed.
/// </summary>
internal sealed class Waits(
    Env env, Scenario scenario, Organization github, PoolObjects pools, Nodes nodes, Replicas replicas,
    Watchdog watchdog)
{
    /// <summary>The time between two looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private readonly Dictionary<long, TimeSpan> ignored = [];
    private readonly Dictionary<long, TimeSpan> unexplained = [];
    private readonly ConditionRule rule = new(env);
    private Replica? leader;
    private bool isCalm;

    /// <summary>
    /// After faults, pauses that they brought about are still to be sat out: a pod that they kept from starting is
    /// given up at its deadline, and only then begins the pause for it. Without faults it is three times what a job
    /// takes to be read and a pod to be ready for it: GitHub may give that pod another job, of which nobody has read
    /// yet, twice in a row (seed 44).
    /// </summary>
    private TimeSpan LongestIgnored => scenario.Fine
        ? TimeSpan.FromSeconds(105)
        : scenario.Pools.Max(p => p.Deadlines.Start) + CreateBackoff.Longest + Every;

    public void BeginCalm() => isCalm = true;

    /// <summary>To be called in each period.</summary>
    public void Observe()
    {
        var isUndisturbed = replicas.Leader is { } leads && leads == leader && leads.IsUndisturbed(Every)
            && env.Scheduler.Elapsed - replicas.LeadsSince > Every;
        leader = replicas.Leader;
        foreach (var job in Unfinished())
        {
            var pool = LabelMatch.Choose(pools.Specs.Values, Shown(job));
            var waits = job.Status == JobStatus.Queued && pool is { MaxRunnersPerRepository: null };
            if (isCalm || scenario.Fine)
                LookForIgnored(job, waits && !IsFull(pool!) && !IsPassedOver(pool!));
            LookForUnexplained(job, waits && isUndisturbed ? pool : null);
        }
    }

    public IEnumerable<Job> Unfinished() => scenario.Repositories
        .SelectMany(r => github.RunsOf(r, run => run.Status != JobStatus.Completed))
        .SelectMany(r => github.JobsOf(r.Id))
        .Where(j => j.Status != JobStatus.Completed && !j.Hosted);

    /// <summary>A job as the controller sees it.</summary>
    public RunnerScaler.Scaling.Jobs.Job Shown(Job job)
    {
        var repository = scenario.Repositories.Select(github.FindRepository).First(r => r!.Id == job.RepositoryId)!;
        return SimJobSource.Shown(job, RepositoryKey.Of(Scenario.Server, repository.Owner.Login, repository.Name));
    }

    public static string Describe(Job job) =>
        $"job {job.Id} ({job.Name}, {string.Join(' ', job.Labels)}), {job.Status}, queued at {job.QueuedAt:HH:mm:ss},";

    public string Reasons() => string.Join("; ", pools.Now.Select(p => pools.Status.TryGetValue(p.Key, out var status)
        ? $"{p.Key.Name} says {status.Runners}, {string.Join(' ', status.Unserved)}"
        : $"{p.Key.Name} says nothing"));

    /// <summary>A job must not wait for long beside a free slot of the pool that is to serve it.</summary>
    private void LookForIgnored(Job job, bool waits)
    {
        ignored[job.Id] = waits ? ignored.GetValueOrDefault(job.Id) + Every : TimeSpan.Zero;
        if (ignored[job.Id] > LongestIgnored)
            env.Break("no job is ignored", $"{Describe(job)} waited beside a free slot: {Reasons()}");
    }

    /// <summary>It must not wait for longer than a pass takes without the pool's saying why.</summary>
    private void LookForUnexplained(Job job, Pool? pool)
    {
        var complaint = pool is not null && pools.Find(pool.Key) is { Problem: null }
            && pools.Status.GetValueOrDefault(pool.Key) is { } status
                ? rule.Complaint(status, PodsOf(pool), pool.Deadlines.Assign)
                : null;
        unexplained[job.Id] = complaint is null ? TimeSpan.Zero : unexplained.GetValueOrDefault(job.Id) + Every;
        if (unexplained[job.Id] > complaint?.Patience)
        {
            env.Break(
                "conditions say why a job waits",
                $"{Describe(job)} waits: {complaint?.What}; {Reasons()}");
        }
    }

    private bool IsPassedOver(Pool pool) =>
        pools.Status.GetValueOrDefault(pool.Key)?.Conditions
            .Any(c => c is { Type: Conditions.JobsUnassigned, Holds: true }) == true;

    private bool IsFull(Pool pool) => watchdog.CountOf(pool.Key.Name) >= pool.MaxRunners;

    private PoolPods PodsOf(Pool pool)
    {
        var lives = nodes.Lives.Where(l => l.Pool == pool.Key.Name).ToArray();
        return new(
            lives.Any(l => l.Claims), lives.Any(l => l is { Claims: false, IsConnected: false }), IsFull(pool));
    }
}
