using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Draws the picture of a pass that people see: status and conditions.</summary>
internal static class PoolReporter
{
    /// <summary>A reading older than this is called stale.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMinutes(10);

    /// <param name="generation">The generation of the spec that the pass saw.</param>
    /// <param name="input">What the pass saw.</param>
    /// <param name="plan">What it decided.</param>
    /// <param name="oldestReading">When the repository that was read longest ago was read; null before all
    /// were.</param>
    public static PoolReport Report(long generation, PlanInput input, Plan plan, DateTimeOffset? oldestReading)
    {
        var unserved = plan.Waiting.Where(w => !w.IsServed).CountBy(w => w.Reason).ToImmutableDictionary();
        return new()
        {
            Generation = generation,
            Runners = input.Fleet.Counts(),
            Jobs = new(input.Demand.Queued.Length, input.Demand.Running, unserved.Values.Sum()),
            MaxRunners = input.Pool.MaxRunners,
            OldestWait = OldestWait(input.Now, plan),
            Unserved = plan.Waiting.CountBy(w => w.Reason).ToImmutableDictionary(),
            Conditions =
            [
                Ready(input),
                QueueRead(input, oldestReading),
                AtCapacity(input, unserved.GetValueOrDefault(WaitReason.PoolFull)),
                UnmatchedReporter.Of(input),
                RefusalReporter.Missing(input.Refusals),
                Outdated(input),
            ],
        };
    }

    /// <summary>The report of a pool whose spec breaks a rule.</summary>
    /// <param name="generation">The generation of the spec.</param>
    /// <param name="problem">The rule.</param>
    /// <param name="runners">The runners that are there all the same.</param>
    /// <param name="refusals">What the API server refuses.</param>
    public static PoolReport Broken(
        long generation, Problem problem, RunnerCounts runners, ImmutableArray<StandingRefusal> refusals) => new()
        {
            Generation = generation,
            Runners = runners,
            Conditions =
            [
                new(Conditions.Ready, false, problem.Reason.ToString(), problem.Message),
                RefusalReporter.Missing(refusals),
            ],
        };

    // What GitHub will never start, and what is none of the pool's, would stand for all others for weeks.
    private static TimeSpan OldestWait(DateTimeOffset now, Plan plan) => plan.Waiting
        .Where(w => w.Reason is not (WaitReason.Stale or WaitReason.NoPoolMatches or WaitReason.ForksRefused))
        .Select(w => now - w.Job.QueuedAt)
        .Append(TimeSpan.Zero)
        .Max();

    private static PoolCondition Ready(PlanInput input)
    {
        var (refused, all) = RefusedPlaces.Of(input);
        if (all)
            return new(Conditions.Ready, false, refused!.Reason.ToString(), refused.Message);
        if (RefusalReporter.Ready(input.Refusals) is { } denied)
            return denied;
        if (input.Outdated is { } outdated)
            return new(Conditions.Ready, false, "RunnerOutdated", outdated);
        if (input.CreateNotBefore > input.Now && input.Refusal is { } refusal)
            return new(Conditions.Ready, false, "PodsRefused", refusal);
        if (input.CreateNotBefore > input.Now)
            return new(Conditions.Ready, false, "PodsFail", "Pods of this pool end before they take a job; the next is "
                + "made after a pause. See the pool's events and its pods' last state.");
        return refused is null
            ? new(Conditions.Ready, true, "Serving", "The pool serves its jobs.")
            : new(
                Conditions.Ready, true, "ServingInPart", $"The pool serves its jobs but for a part. {refused.Message}");
    }

    private static PoolCondition QueueRead(PlanInput input, DateTimeOffset? oldestReading)
    {
        const string type = Conditions.QueueRead;
        if ((input.Problem ?? RefusedPlaces.First(input.OwnerProblems)) is { } problem)
            return new(type, false, problem.Reason.ToString(), problem.Message);
        if (input.Unread is [{ Problem: { } first }, ..] unread)
            return new(type, false, first.Reason.ToString(), Unread(unread));
        if (oldestReading is not { } oldest)
            return new(type, null, "NotReadYet", "Not all repositories have been read yet.");
        return input.Now - oldest > FreshFor
            ? new(type, false, "Stale", "A repository has not been read for "
                + FreshFor.TotalMinutes.ToString("0", CultureInfo.InvariantCulture)
                + " minutes; its jobs may be out of date.")
            : new(type, true, "Read", "The queue is read.");
    }

    /// <summary>Names the repositories, a few of them, and says what is wrong with the first.</summary>
    private static string Unread(ImmutableArray<RepositoryReading> unread)
    {
        const int Named = 3;
        var names = string.Join(", ", unread.Take(Named).Select(r => $"'{r.Repository}'"))
            + (unread.Length > Named ? $" and {unread.Length - Named} more" : "");
        return $"{names} cannot be read, or not all of it; all else is. {unread[0].Problem!.Message}.";
    }

    private static PoolCondition AtCapacity(PlanInput input, int waiting) => waiting > 0
        ? new(Conditions.AtCapacity, true, "PoolFull", $"All {input.Pool.MaxRunners} slots are taken and jobs wait; "
            + "raise spec.limits.maxRunners if the cluster has room.")
        : new(Conditions.AtCapacity, false, "SlotsFree", "No job waits for a slot.");

    /// <summary>Whether GitHub gives the pool's jobs to its runners.</summary>
    public static PoolCondition Unassigned(PlanInput input)
    {
        const string type = Conditions.JobsUnassigned;
        var passed = input.Demand.Queued.Where(k => input.Unassigned.ContainsKey(k.Job.Id)).ToArray();
        if (passed.Length == 0)
            return new(type, false, "AllAssigned", "GitHub gives the pool's jobs to its runners.");
        var job = passed.MinBy(k => k.Job.Id).Job;
        var (why, retryAt) = input.Unassigned[job.Id];
        return new(type, true, "NotAssigned", string.Create(
            CultureInfo.InvariantCulture,
            $"Job '{job.Name}' of {job.Repository} stays queued beside idle runners, so none is made for it: {why}. "
            + $"{passed.Length} jobs wait so; one is tried again at {retryAt.UtcDateTime:u}."));
    }

    private static PoolCondition Outdated(PlanInput input) => input.Outdated is { } why
        ? new(Conditions.RunnerOutdated, true, "RefusedByGitHub", why)
        : new(Conditions.RunnerOutdated, false, "NotRefused", "GitHub has not refused the version of these runners.");
}
