using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Explaining;

/// <summary>
/// Looks at what jobs of the last day asked for and no pool has: also at those that are gone, because nobody served
/// them.
/// </summary>
internal static class LabelChecks
{
    private const string Check = "labels of a day";
    private const int MostTold = 20;
    private const int MostLabels = 3;

    /// <summary>Longer than passes are apart: what was seen so lately is queued still.</summary>
    private static readonly TimeSpan Present = TimeSpan.FromMinutes(1);

    /// <summary>Jobs so far apart are no single mistake.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromHours(1);

    /// <returns>What is found of jobs that the reader may be told of.</returns>
    public static ImmutableArray<CheckAnswer> Of(Knowledge known, Reader reader)
    {
        Pool[] pools = [.. known.Pools.Select(p => p.Input?.Pool).OfType<Pool>()];
        Pool[] told = [.. pools.Where(p => reader.MayRead(p.Key))];
        var found = known.Unmatched.Select(l => l.AsOf(known.Now)).OfType<UnmatchedLabels>()
            .SelectMany(l => Missed(known, pools, l))
            .Where(m => reader.MayRead(m.Nearest?.Key))
            .GroupBy(m => (m.Nearest, m.Asked.Labels), m => m.Asked)
            .Select(same => (same.Key.Nearest, Asked: same.OrderByDescending(l => l.SeenAt).ToArray()))
            .OrderByDescending(m => LevelOf(m.Asked, known.Now))
            .ThenByDescending(m => m.Asked[0].SeenAt).ThenBy(m => m.Nearest?.Key)
            .ToArray();
        return found.Length == 0
            ? [CheckAnswer.Fine(Check, null, "No job that this replica saw within a day asks for labels that no pool "
                + "has by now.")]
            : [.. found.Take(MostTold).Select(m => Of(known, m.Nearest, m.Asked, told)), .. Rest([
                .. found.Skip(MostTold).Select(m => LevelOf(m.Asked, known.Now))])];
    }

    /// <summary>
    /// Nothing if a pool has the labels by now, or if no pool reads the repository any more. A pool that only says that
    /// it serves the repository is told nothing of it: its credential must have read it.
    /// </summary>
    private static IEnumerable<(Pool? Nearest, UnmatchedLabels Asked)> Missed(
        Knowledge known, Pool[] pools, UnmatchedLabels asked)
    {
        var job = asked.Example;
        var candidates = Array.FindAll(pools, p =>
            !p.UsesScaleSets
            && p.ScopeFor(job.Repository) is not null
            && known.Board.Reading(p.Account, job.Repository)?.ReadAt is not null);
        if (candidates.Length > 0 && !candidates.Any(p => LabelMatch.Matches(p, job)))
            yield return (LabelMatch.Nearest(candidates, job), asked);
    }

    private static CheckAnswer Of(Knowledge known, Pool? nearest, UnmatchedLabels[] asked, Pool[] told)
    {
        var jobs = asked.Sum(l => l.Jobs.Length);
        var count = string.Create(
            CultureInfo.InvariantCulture,
            $"{(asked.Any(l => l.IsFull) ? "At least " : "")}{jobs} {(jobs == 1 ? "job" : "jobs")}");
        var more = asked.Length == 1 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" and {asked.Length - 1} more {(asked.Length == 2 ? "repository" : "repositories")}");
        var words = LabelWords.Of(asked[0].Example, nearest, told).Labels
            .Take(MostLabels).Select(l => $" {l.Label.Quote()}: {l.Says}.");
        return new(Check, LevelOf(asked, known.Now), nearest is null ? null : $"pool {nearest.Key}", Wording.Sentence(
            $"{count} of {Wording.Name(asked[0].Repository.ToString())}{more} asked for {asked[0].Labels}, "
            + $"which no pool has; the last was seen in the queue {Wording.Span(known.Now - asked[0].SeenAt)} ago."
            + string.Concat(words)),
            "Correct runs-on in the workflow, or the pool's spec.labels.");
    }

    /// <summary>
    /// One mistake that is over is told of, and nobody need do anything: only what is asked for now, or was again and
    /// again.
    /// </summary>
    private static CheckLevel LevelOf(UnmatchedLabels[] asked, DateTimeOffset now)
    {
        var latest = asked.Max(l => l.SeenAt);
        var first = asked.Min(l => l.Jobs[^1].SeenAt);
        return now - latest < Present || latest - first >= Again ? CheckLevel.Warning : CheckLevel.Ok;
    }

    private static IEnumerable<CheckAnswer> Rest(CheckLevel[] rest)
    {
        if (rest.Length > 0)
            yield return new(Check, rest.Max(), null, string.Create(
                CultureInfo.InvariantCulture, $"So did jobs for {rest.Length} more sets of labels."),
                "Correct those that are told of first, and ask again.");
    }
}
