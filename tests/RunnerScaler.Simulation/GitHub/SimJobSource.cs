using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;
using Job = RunnerScaler.Scaling.Jobs.Job;

namespace RunnerScaler.Simulation.GitHub;

/// <summary>
/// Reads the organisation's queue as the real reader does: repository by repository, the unfinished jobs of live runs,
/// and each completed one once. Readings fail, and show what was true some time ago.
/// </summary>
internal sealed class SimJobSource(
    Env env, Organization github, SimProcess process, Func<JobBoard> board, Mutation mutation) : IJobSource
{
    private readonly Dictionary<RepositoryKey, ImmutableArray<Job>> earlier = [];
    private readonly HashSet<(RepositoryKey, long)> reported = [];
    private readonly Dictionary<RepositoryKey, HashSet<long>> tracked = [];

    public async Task<TimeSpan> ReadAsync(
        AccountKey account, ImmutableArray<Scope> scopes, Action<JobObservation> observe, CancellationToken cancel)
    {
        var pause = env.Between(3, 12);
        if (env.Scheduler.Elapsed < env.LimitedUntil)
        {
            env.Faults.Met(FaultKind.LimitUsedUp);
            var until = process.Clock.GetUtcNow() + (env.LimitedUntil - env.Scheduler.Elapsed);
            var limited = new Problem(ProblemReason.RateLimited, "the limit is used up", until);
            Unread(observe, new JobObservation.AccountUnread(account, limited, process.Clock.GetUtcNow()));
            return pause;
        }
        if (env.Chance(env.Weather.UnreadAccount))
        {
            env.Faults.Met(FaultKind.AccountUnread);
            await Task.Delay(env.Between(0.1, 5), process.Clock, cancel);
            Unread(observe, new JobObservation.AccountUnread(account, AnyOutage(), process.Clock.GetUtcNow()));
            return pause;
        }
        var listed = await env.Wire.SendAsync(
            w => w.GitHub, $"{process.Name}: list repositories",
            () => RepositoriesOf(account, scopes), _ => null!, cancel);
        if (listed is null)
        {
            Unread(observe, new JobObservation.AccountUnread(account, Outage, process.Clock.GetUtcNow()));
            return pause;
        }
        observe(new JobObservation.AccountRead(account, [.. listed], process.Clock.GetUtcNow()));
        foreach (var repository in listed)
            await ReadAsync(account, repository, observe, cancel);
        return pause;
    }

    /// <summary>It reads all repositories at each reading: a hint is one to begin it.</summary>
    public bool Hint(AccountKey account, RepositoryKey repository) => earlier.ContainsKey(repository);

    public void Forget(AccountKey account) => tracked.Clear();

    public void ForgetReadings(AccountKey account) => tracked.Clear();

    private async Task ReadAsync(
        AccountKey account, RepositoryKey repository, Action<JobObservation> observe, CancellationToken cancel)
    {
        var at = process.Clock.GetUtcNow();
        var isStale = env.Chance(env.Weather.StaleRepository);
        var fails = env.Chance(env.Weather.UnreadRepository);
        var jobs = await env.Wire.SendAsync(
            w => w.GitHub, $"{process.Name}: read {repository}",
            () => fails ? default : Snapshot(repository), _ => default, cancel);
        if (jobs.IsDefault)
        {
            env.Faults.Met(FaultKind.RepositoryUnread);
            if (mutation == Mutation.FailedReadIsEmpty)
                Unread(observe, new JobObservation.RepositoryRead(account, repository, [], at));
            else
                Unread(observe, new JobObservation.RepositoryUnread(account, repository, Outage, at));
            return;
        }
        if (isStale)
            env.Faults.Met(FaultKind.RepositoryStale);
        var shown = isStale ? earlier.GetValueOrDefault(repository, jobs) : jobs;
        earlier[repository] = jobs;
        observe(new JobObservation.RepositoryRead(account, repository, shown, at));
    }

    /// <summary>Tells of a failure, and looks whether the board has forgotten anything over it.</summary>
    private void Unread(Action<JobObservation> observe, JobObservation failure)
    {
        var before = QueuedOn(board());
        observe(failure);
        var lost = before.Except(QueuedOn(board())).ToArray();
        if (lost.Length > 0)
        {
            env.Break("failed reads lower nothing",
                $"{process.Name} forgot {lost.Length} queued jobs over {failure.GetType().Name}");
        }
    }

    private static HashSet<long> QueuedOn(JobBoard board) =>
        [.. board.Readings.SelectMany(r => r.Jobs).Where(j => j.State == JobState.Queued).Select(j => j.Id)];

    private List<RepositoryKey> RepositoriesOf(AccountKey account, ImmutableArray<Scope> scopes) =>
        [.. scopes.SelectMany(s => github.RepositoriesOf(s.Owner)
            .Select(r => RepositoryKey.Of(account.Server, s.Owner, r.Name))
            .Where(s.Covers)).Distinct()];

    private ImmutableArray<Job> Snapshot(RepositoryKey repository)
    {
        var known = tracked.TryGetValue(repository, out var runs) ? runs : tracked[repository] = [];
        foreach (var run in github.RunsOf(repository.ToString(), r => r.Status != JobStatus.Completed))
            known.Add(run.Id);
        var jobs = ImmutableArray.CreateBuilder<Job>();
        foreach (var run in known.Order().ToArray())
        {
            var all = github.JobsOf(run);
            foreach (var job in all)
                if (job.Status != JobStatus.Completed || reported.Add((repository, job.Id)))
                    jobs.Add(Shown(job, repository));
            if (github.FindRun(run)!.Status == JobStatus.Completed)
                known.Remove(run);
        }
        return jobs.ToImmutable();
    }

    /// <summary>A job as GitHub shows it.</summary>
    public static Job Shown(Sandbox.GitHub.Job job, RepositoryKey repository) => new()
    {
        Id = job.Id,
        RunId = job.RunId,
        RunAttempt = job.Attempt,
        Repository = repository,
        Name = job.Name,
        Labels = LabelSet.Of(job.Labels),
        State = job.Status switch
        {
            JobStatus.Queued => JobState.Queued,
            JobStatus.InProgress => JobState.Running,
            JobStatus.Completed => JobState.Completed,
            _ => JobState.Blocked,
        },
        QueuedAt = job.QueuedAt ?? job.CreatedAt,
        StartedAt = job.StartedAt,
        CompletedAt = job.CompletedAt,
        Conclusion = job.Conclusion?.ToWire(),
        RunnerName = job.Runner?.Name,
    };

    private Problem AnyOutage() => env.Random.Next(4) switch
    {
        0 => new(ProblemReason.RateLimited, "the limit is used up",
            process.Clock.GetUtcNow() + TimeSpan.FromMinutes(1)),
        1 => new(ProblemReason.CredentialsRefused, "GitHub answers with 401"),
        _ => Outage,
    };

    private static Problem Outage => new(ProblemReason.Unreachable, "GitHub answers with 502");
}
