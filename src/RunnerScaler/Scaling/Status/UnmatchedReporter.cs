using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Status;

/// <summary>Says which jobs ask in vain, and for what: the pool that comes nearest tells.</summary>
internal static class UnmatchedReporter
{
    /// <summary>Sets of labels that are named besides the first one.</summary>
    private const int MostNamed = 3;

    /// <summary>The condition <c>JobsUnmatched</c>.</summary>
    public static PoolCondition Of(PlanInput input)
    {
        const string type = Conditions.JobsUnmatched;
        if (input.Demand.Unmatched.IsEmpty)
            return new(type, false, "AllMatched", "Every job for self-hosted runners has a pool.");
        var job = input.Demand.Unmatched.MinBy(j => j.Id)!;
        return LabelMatch.Matches(input.Pool, job)
            ? new(type, true, "ForksRefused",
                $"Job {job.Name.Quote()} of {job.Repository} is for a pull request of a fork, which this pool refuses: "
                + "allow them with spec.builder.shared.forks, or serve them by a pool whose builder is a sidecar.")
            : new(type, true, "NoPoolMatches",
                $"Job {job.Name.Quote()} of {job.Repository} {Lacking(input.Pool, job)}"
                + Others(input.Pool, input.Demand.Unmatched, job));
    }

    /// <summary>What is told when jobs begin to ask for labels that no pool has.</summary>
    /// <param name="nearest">The pool that comes nearest.</param>
    /// <param name="job">One of the jobs.</param>
    /// <param name="more">How many other sets of labels are asked for as newly.</param>
    public static string Begun(Pool nearest, Job job, int more) =>
        $"{job.Repository} {Lacking(nearest, job)}" + (more == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $" {more} more {(more == 1 ? "set" : "sets")} of labels as well."));

    private static string Lacking(Pool nearest, Job job) =>
        $"asks for {job.Labels}, which no pool has; this pool comes nearest, with {nearest.Labels}."
        + LabelAdvice.For(nearest, job);

    /// <summary>The other sets of labels, in the order of their first jobs: the sentence stays while they do.</summary>
    private static string Others(Pool pool, ImmutableArray<Job> unmatched, Job first)
    {
        LabelSet[] others =
        [
            .. unmatched.Where(j => !LabelMatch.Matches(pool, j)).OrderBy(j => j.Id)
                .Select(j => j.Labels).Distinct().Where(l => !l.Equals(first.Labels)),
        ];
        if (others.Length == 0)
            return "";
        var more = others.Length > MostNamed
            ? string.Create(CultureInfo.InvariantCulture, $" and {others.Length - MostNamed} more sets of labels")
            : "";
        return $" Other jobs ask for {string.Join("; ", others.Take(MostNamed).Select(l => $"{l}"))}{more}.";
    }
}
