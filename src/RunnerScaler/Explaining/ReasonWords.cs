using System.Globalization;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Explaining;

/// <summary>Says for people what a job waits for, and what to change. Every <see cref="WaitReason"/> has
/// both.</summary>
internal static class ReasonWords
{
    private const string Patience = "Nothing need be changed";

    /// <param name="waiting">The job.</param>
    /// <param name="input">The pass that gave the reason.</param>
    /// <param name="since">Since when for this reason; null if that is not known.</param>
    public static WaitAnswer Of(WaitingJob waiting, PlanInput input, DateTimeOffset? since) => new(
        waiting.Reason, since, UntilOf(waiting, input),
        Wording.Sentence(Sentence(waiting, input)), Wording.Sentence(Remedy(waiting, input)));

    private static string Sentence(WaitingJob waiting, PlanInput input)
    {
        var (pool, job) = (input.Pool, waiting.Job);
        var pod = waiting.Runner is { } runner ? $"Pod {Wording.Pod(runner).Quote()}" : "A pod";
        return waiting.Reason switch
        {
            WaitReason.NoPoolMatches => $"No pool that serves {Repository(job)} has all the labels {job.Labels}; "
                + $"{pool.Key} comes nearest, with {pool.Labels}.",
            WaitReason.PoolNotReady => $"Pool {pool.Key} is to serve it, but cannot now: {Detail(waiting)}.",
            WaitReason.Stale => Stale(job, input),
            WaitReason.ForksRefused =>
                $"It is for a pull request of a fork, and pool {pool.Key}, which has its labels, "
                + "shares a builder that forks may not use.",
            WaitReason.NotAssigned => $"No runner is made for it: {Detail(waiting)}.",
            WaitReason.PoolFull => Full(pool, input),
            WaitReason.RepositoryLimit => string.Create(CultureInfo.InvariantCulture,
                $"{Repository(job)} has as many runners of pool {pool.Key} as one repository may: "
                + $"{pool.MaxRunnersPerRepository}."),
            WaitReason.BackingOff => BackingOff(pool, input),
            WaitReason.BudgetPaused => $"GitHub's request limit leaves nothing to register a runner with: "
                + $"{Detail(waiting)}.",
            WaitReason.Creating => "A pod is being created for it.",
            WaitReason.Scheduling => $"{pod} has no node yet.{Trouble(waiting)}",
            WaitReason.Starting => $"{pod} is on node {Node(waiting)}, which pulls its images or starts its "
                + $"containers.{Trouble(waiting)}",
            WaitReason.Registering => $"{pod} is ready and is being given an identity, or its runner is connecting to "
                + "GitHub.",
            WaitReason.Assigning => waiting.Runner is null
                ? "A runner has just ended that most likely had this job; GitHub's next answer will say."
                : $"The runner in {Wording.Pod(waiting.Runner).Quote()} is registered and idle, and GitHub has to "
                    + "assign the job to it.",
            _ => $"It waits: {waiting.Reason}.",
        };
    }

    private static string Remedy(WaitingJob waiting, PlanInput input)
    {
        var pool = input.Pool;
        return waiting.Reason switch
        {
            WaitReason.NoPoolMatches =>
                "Correct runs-on in the workflow, or add the missing labels to spec.labels of a "
                + "pool that serves the repository.",
            WaitReason.PoolNotReady when pool.Deleting => "Make a pool that takes its place, or wait until it is gone.",
            WaitReason.PoolNotReady =>
                "Fix what the sentence names: docs/conditions.md tells how for each reason, and "
                + $"'{Describe(pool)}' shows the pool's conditions.",
            WaitReason.Stale => "Cancel its run at GitHub, and start it again.",
            WaitReason.ForksRefused =>
                "Allow forks with spec.builder.shared.forks, or serve them by a pool whose builder "
                + "is a sidecar.",
            WaitReason.NotAssigned => "Open the pool's runner group to the repository and its workflow, or correct the "
                + "group in runs-on. It is tried again by itself now and then.",
            WaitReason.PoolFull => "Raise spec.limits.maxRunners if the cluster has room, or wait for a slot.",
            WaitReason.RepositoryLimit =>
                "Raise spec.limits.maxRunnersPerRepository, or wait for the repository's other "
                + "jobs.",
            WaitReason.BackingOff => BackingOffRemedy(pool, input),
            WaitReason.BudgetPaused => "Wait until the limit is renewed. If that happens often, see who else uses the "
                + "credential, and docs/operations.md on sizing.",
            WaitReason.Creating => $"{Patience}: the API server is asked. If it lasts, see '{Describe(pool)}'.",
            WaitReason.Scheduling or WaitReason.Starting => TroubleOf(waiting)?.Remedy
                ?? $"{Patience}: images and nodes take their time. Pods that wait ready (spec.warm.standby) save it."
                    + Events(waiting, pool),
            WaitReason.Registering => $"{Patience}. If it lasts, see whether the pod reaches GitHub: kubectl logs.",
            WaitReason.Assigning =>
                $"{Patience}: GitHub takes a few seconds. If it does not for spec.deadlines.assign, "
                + "the reason becomes NotAssigned.",
            _ => "See docs/explain.md.",
        };
    }

    private static DateTimeOffset? UntilOf(WaitingJob waiting, PlanInput input) => waiting.Reason switch
    {
        WaitReason.NotAssigned => input.Unassigned.GetValueOrDefault(waiting.Job.Id)?.RetryAt,
        WaitReason.BackingOff => After(input.CreateNotBefore, input.Now) ?? FirstPause(input),
        WaitReason.BudgetPaused or WaitReason.PoolNotReady => ProblemOf(waiting.Job, input)?.Until,
        _ => null,
    };

    private static Problem? ProblemOf(Job job, PlanInput input) =>
        input.Pool.ScopeFor(job.Repository) is { } scope
            ? input.ProblemAt(scope.TargetFor(input.Pool.Account, job.Repository))
            : null;

    private static DateTimeOffset? FirstPause(PlanInput input) =>
        input.Paused.Values.Select(p => After(p.Until, input.Now)).Where(t => t is not null).Min();

    private static DateTimeOffset? After(DateTimeOffset? time, DateTimeOffset now) => time > now ? time : null;

    private static string Stale(Job job, PlanInput input) => input.Now - job.QueuedAt >= Demand.LongestQueue
        ? $"It has been queued for {Wording.Span(input.Now - job.QueuedAt)}, longer than GitHub keeps a job (24 h): "
            + "no runner is made for it."
        : "Its run has ended, although GitHub still shows it as queued: no runner is made for it.";

    private static string Full(Pool pool, PlanInput input) => pool.MaxRunners == 0
        ? $"Pool {pool.Key} is switched off: its spec.limits.maxRunners is 0."
        : string.Create(CultureInfo.InvariantCulture,
            $"All {pool.MaxRunners} slots of pool {pool.Key} are taken, {input.Fleet.Counts().Busy} of them by runners "
            + $"that have a job.");

    private static string BackingOff(Pool pool, PlanInput input)
    {
        if (input.Refusal is { } refusal)
            return $"The last pods of pool {pool.Key} were refused, so the next is made after a pause. "
                + $"{Wording.Clause(refusal)}.";
        if (Refused(input) is { } standing)
            return $"{Wording.Clause(standing.Refusal.Sentence)}.";
        return input.CreateNotBefore > input.Now
            ? $"Pods of pool {pool.Key} end before they take a job, so the next is made after a pause."
            : $"The API server did not make the last pods of pool {pool.Key}, so it is asked again after a pause.";
    }

    private static string BackingOffRemedy(Pool pool, PlanInput input) =>
        input.Refusal is null && Refused(input) is { } standing
            ? Rights.AdviceFor(standing.Refusal)
            : $"See why in the pool's events: '{Describe(pool)}'; the runners that ended last are in what explain says "
                + "of the pool.";

    private static StandingRefusal? Refused(PlanInput input) => input.Refusals
        .FirstOrDefault(r => r.Refusal.Request is { Verb: "create", Resource: "pods" or "persistentvolumeclaims" });

    private static TroubleAnswer? TroubleOf(WaitingJob waiting) =>
        waiting.Runner is { } runner ? PodTrouble.Of(runner) : null;

    private static string Trouble(WaitingJob waiting) => TroubleOf(waiting) is { } trouble
        ? $" {trouble.Sentence}"
        : "";

    /// <summary>Of a volume that cannot be mounted, a pod's status says nothing.</summary>
    private static string Events(WaitingJob waiting, Pool pool) =>
        waiting is { Reason: WaitReason.Starting, Runner: { } runner }
            ? " If it lasts, see the pod's events, which alone tell of a volume that cannot be mounted: kubectl -n "
                + $"{pool.Key.Namespace} describe pod {Wording.Pod(runner)}."
            : "";

    private static string Node(WaitingJob waiting) => (waiting.Runner?.Pod?.Node ?? "").Quote();

    private static string Repository(Job job) => Wording.Name(job.Repository.ToString());

    private static string Detail(WaitingJob waiting) => Wording.Clause(waiting.Detail ?? "nothing more is known");

    private static string Describe(Pool pool) =>
        $"kubectl -n {pool.Key.Namespace} describe runnerpool {pool.Key.Name}";
}
