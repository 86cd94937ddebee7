using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Planning;

/// <summary>
/// Finds the jobs that GitHub gives to none of the idle runners that match them: they ask for a runner group, or come
/// from a repository or a workflow, that these runners are closed to. GitHub says so nowhere before a job is assigned,
/// so it is learned from the wait alone; what is learned holds until something changes, and is put to the test again
/// after pauses that grow.
/// </summary>
internal static class Assignment
{
    /// <summary>No pause before the next try is longer.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);

    /// <summary>What is known after a pass over the pool.</summary>
    public static AssignmentHistory Next(AssignmentHistory before, PlanInput input)
    {
        var idle = Supply.Of(input.Fleet, input.Pool, input.Now).Idle.Where(r => !r.Note.GrantInFlight)
            .ToLookup(r => r.Target!.Value);
        var firstSeen = ImmutableDictionary.CreateBuilder<long, DateTimeOffset>();
        var places = ImmutableDictionary.CreateBuilder<AssignmentPlace, PassedOver>();
        foreach (var group in input.Demand.Queued.GroupBy(k => PlaceOf(input.Pool, k.Job)))
        {
            foreach (var known in group)
                firstSeen[known.Job.Id] = before.FirstSeen.GetValueOrDefault(known.Job.Id, input.Now);
            if (Next(before.Places.GetValueOrDefault(group.Key), [.. group], firstSeen, idle, input) is { } passed)
                places[group.Key] = passed;
        }
        return new(firstSeen.ToImmutable(), places.ToImmutable());
    }

    /// <summary>Where the job's runners are registered, and whose it is.</summary>
    public static AssignmentPlace PlaceOf(Pool pool, Job job) =>
        new(pool.ScopeFor(job.Repository)!.TargetFor(pool.Account, job.Repository), job.Repository);

    /// <summary>
    /// The idle runners beside which a job has waited for the whole deadline, and that GitHub has not been asked about
    /// since then: one for each target, with the time.
    /// </summary>
    public static ImmutableArray<(Runner Runner, DateTimeOffset From)> Doubtful(
        AssignmentHistory history, PlanInput input) =>
        [.. Supply.Of(input.Fleet, input.Pool, input.Now).Idle
            .Where(r => !r.Note.GrantInFlight)
            .SelectMany(r => input.Demand.Queued
                .Where(k => PlaceOf(input.Pool, k.Job).Target == r.Target
                    && history.Places.GetValueOrDefault(PlaceOf(input.Pool, k.Job))?.IsDemand(k.Job.Id) != false)
                .Select(k => (Known: k, Limit: Limit(r, history.FirstSeen[k.Job.Id], input.Pool)))
                .Where(k => input.Now >= k.Limit && k.Known.ReadAt >= k.Limit)
                .Select(k => (Runner: r, From: k.Limit)))
            .Where(d => !(d.Runner.Note.CheckedAt >= d.From))
            .DistinctBy(d => d.Runner.Target)];

    private static PassedOver? Next(
        PassedOver? past, KnownJob[] queued, ImmutableDictionary<long, DateTimeOffset>.Builder firstSeen,
        ILookup<RegistrationTarget, Runner> idle, PlanInput input)
    {
        // The job that was tried once more has got its runner, or was taken back: all others are tried again.
        if (past?.Tried is { } tried && queued.All(k => k.Job.Id != tried))
        {
            foreach (var id in past.Jobs.Where(firstSeen.ContainsKey))
                firstSeen[id] = input.Now;
            past = null;
        }
        past = past is null ? null : past with { Jobs = past.Jobs.Intersect(queued.Select(k => k.Job.Id)) };
        if (past is { Tried: null } && input.Now >= past.RetryAt
            && queued.FirstOrDefault(k => past.Jobs.Contains(k.Job.Id)) is { Job: { } next })
        {
            past = past with { Tried = next.Id };
            firstSeen[next.Id] = input.Now;
        }
        var passed = queued.Where(k => past?.IsDemand(k.Job.Id) != false && IsPassedOver(k, firstSeen, idle, input))
            .Select(k => k.Job.Id).ToImmutableHashSet();
        if (passed.IsEmpty)
            return past is { Jobs.IsEmpty: false } ? past : null;
        var again = past?.Tried is { } one && passed.Contains(one);
        if (past is not null && !again)
            return past with { Jobs = past.Jobs.Union(passed) };
        var tries = (past?.Tries ?? 0) + 1;
        return new(tries, input.Now, input.Now + Pause(tries), (past?.Jobs ?? []).Union(passed), null);
    }

    /// <summary>
    /// It has been queued for the whole deadline beside one and the same idle runner, and both were looked at after
    /// that.
    /// </summary>
    private static bool IsPassedOver(
        KnownJob known, ImmutableDictionary<long, DateTimeOffset>.Builder firstSeen,
        ILookup<RegistrationTarget, Runner> idle, PlanInput input)
    {
        var seen = firstSeen[known.Job.Id];
        return idle[PlaceOf(input.Pool, known.Job).Target].Any(runner =>
        {
            var limit = Limit(runner, seen, input.Pool);
            return input.Now >= limit && known.ReadAt >= limit
                && runner.Note is { Seen: { Online: true, Busy: false }, CheckedAt: { } checkedAt }
                && checkedAt >= limit;
        });
    }

    private static DateTimeOffset Limit(Runner runner, DateTimeOffset seen, Pool pool)
    {
        var there = runner.Note.RegisteredAt ?? runner.Since;
        return (there > seen ? there : seen) + pool.Deadlines.Assign;
    }

    private static TimeSpan Pause(int tries)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(tries - 1, 10));
        return pause < LongestPause ? pause : LongestPause;
    }
}

/// <summary>Where runners are registered, and the repository whose jobs they are to run.</summary>
internal readonly record struct AssignmentPlace(RegistrationTarget Target, RepositoryKey Repository);

/// <summary>What the passes over a pool have seen of the waits of its jobs.</summary>
/// <param name="FirstSeen">Since when each queued job has been seen as such, on this process's clock.</param>
/// <param name="Places">Where jobs were passed over.</param>
internal sealed record AssignmentHistory(
    ImmutableDictionary<long, DateTimeOffset> FirstSeen, ImmutableDictionary<AssignmentPlace, PassedOver> Places)
{
    public static readonly AssignmentHistory Empty = new(
        ImmutableDictionary<long, DateTimeOffset>.Empty, ImmutableDictionary<AssignmentPlace, PassedOver>.Empty);
}

/// <summary>Jobs of one place that GitHub gave to none of the idle runners.</summary>
/// <param name="Tries">How often in a row that was found.</param>
/// <param name="At">When it was found last.</param>
/// <param name="RetryAt">When one of them is tried again.</param>
/// <param name="Jobs">The jobs.</param>
/// <param name="Tried">The one that is tried now; null while none is.</param>
internal sealed record PassedOver(
    int Tries, DateTimeOffset At, DateTimeOffset RetryAt, ImmutableHashSet<long> Jobs, long? Tried)
{
    /// <summary>Whether a runner is made for this job all the same.</summary>
    public bool IsDemand(long job) => job == Tried || !Jobs.Contains(job);
}

/// <summary>A queued job for which no runner is made, because GitHub gives it to none.</summary>
/// <param name="Why">What is known about it: one sentence.</param>
/// <param name="RetryAt">When one job of its repository is tried again.</param>
internal sealed record UnassignedJob(string Why, DateTimeOffset RetryAt);
