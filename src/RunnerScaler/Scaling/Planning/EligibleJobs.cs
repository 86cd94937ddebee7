using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Planning;

/// <summary>Which of a pool's queued jobs are demand now; the others come with their reason.</summary>
internal sealed class EligibleJobs
{
    private EligibleJobs(ImmutableArray<AdmittedJob> jobs, ImmutableArray<WaitingJob> others)
    {
        Jobs = jobs;
        Others = others;
    }

    /// <summary>The jobs to be served now, the oldest first.</summary>
    public ImmutableArray<AdmittedJob> Jobs { get; }

    public ImmutableArray<WaitingJob> Others { get; }

    public static EligibleJobs Of(PlanInput input)
    {
        var jobs = ImmutableArray.CreateBuilder<AdmittedJob>();
        var others = ImmutableArray.CreateBuilder<WaitingJob>();
        var inRepository = BusyByRepository(input.Fleet);
        var spent = input.RecentlyFinished.ToList();
        var targets = new Dictionary<RepositoryKey, RegistrationTarget>();
        foreach (var known in input.Demand.Queued)
        {
            if (!targets.TryGetValue(known.Job.Repository, out var target))
                targets[known.Job.Repository] = target = TargetOf(input.Pool, known.Job);
            if (input.Unassigned.GetValueOrDefault(known.Job.Id) is { } passed)
                others.Add(new(known.Job, WaitReason.NotAssigned, passed.Why));
            else if (Admit(input, known, target, inRepository, spent) is { } reason)
                others.Add(new(known.Job, reason, null));
            else
                jobs.Add(new(known.Job, target));
        }
        foreach (var job in input.Demand.Unmatched)
            others.Add(Unmatched(input.Pool, job));
        return new(jobs.ToImmutable(), others.ToImmutable());
    }

    private static WaitingJob Unmatched(Pool pool, Job job) => LabelMatch.Matches(pool, job)
        ? new(job, WaitReason.ForksRefused, $"{pool.Key} matches, but refuses jobs of forks: spec.builder.shared.forks")
        : new(job, WaitReason.NoPoolMatches, $"{pool.Key} comes nearest, with {pool.Labels}");

    private static WaitReason? Admit(
        PlanInput input,
        KnownJob known,
        RegistrationTarget target,
        Dictionary<RepositoryKey, int> inRepository,
        List<RecentlyFinishedRunner> spent)
    {
        var job = known.Job;
        if (input.Now - job.QueuedAt >= Demand.LongestQueue)
            return WaitReason.Stale;

        // It ended after this was read and must have had a job: most likely this one, queued only in our memory.
        var taker = spent.FindIndex(s => s.MayHaveTaken(known, target));
        if (taker >= 0)
        {
            spent.RemoveAt(taker);
            return WaitReason.Assigning;
        }
        var others = inRepository.GetValueOrDefault(job.Repository);
        if (others >= input.Pool.MaxRunnersPerRepository)
            return WaitReason.RepositoryLimit;
        inRepository[job.Repository] = others + 1;
        return null;
    }

    private static Dictionary<RepositoryKey, int> BusyByRepository(Fleet fleet) => fleet.Runners
        .Where(r => r is { State: RunnerState.Busy, Job: not null })
        .GroupBy(r => r.Job!.Repository)
        .ToDictionary(g => g.Key, g => g.Count());

    private static RegistrationTarget TargetOf(Pool pool, Job job) =>
        pool.ScopeFor(job.Repository)!.TargetFor(pool.Account, job.Repository);
}

/// <summary>A job that is to be served now.</summary>
/// <param name="Job">The job.</param>
/// <param name="Target">Where a runner for it must be registered.</param>
internal readonly record struct AdmittedJob(Job Job, RegistrationTarget Target);
