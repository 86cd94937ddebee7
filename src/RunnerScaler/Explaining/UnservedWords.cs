using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Explaining;

/// <summary>Says of what no pool serves, or of what is not known at all, why that may be.</summary>
internal static class UnservedWords
{
    private const int MostNamed = 3;

    /// <summary>For a queued job of which no pool has any label.</summary>
    public static WaitAnswer Of(Knowledge known, Reader reader, Job job)
    {
        var repository = Wording.Name(job.Repository.ToString());
        var broken = Broken(known, reader);
        return job.Labels.Count == 0
            ? new(
                WaitReason.NoPoolMatches, null, null,
                Wording.Sentence($"It asks for a runner group without any label, and no pool that serves {repository} "
                    + $"names a group.{broken}"),
                "Add labels to runs-on, or give a pool the group: spec.github.serves[].runnerGroup.")
            : new(
                WaitReason.NoPoolMatches, null, null,
                Wording.Sentence($"No pool that serves {repository} has any of its labels {job.Labels}: it may be for "
                    + $"GitHub's own runners.{broken}"),
                "If it is meant for a pool, correct runs-on in the workflow, or the pool's spec.labels.");
    }

    /// <summary>For a job or a run that is not known: what keeps the queue from being read, if anything does.</summary>
    /// <param name="known">What is known.</param>
    /// <param name="reader">Who asks.</param>
    /// <param name="what">What he asks for, such as <c>job 12</c>.</param>
    /// <param name="repository">Where; null if he did not say.</param>
    public static string Unknown(Knowledge known, Reader reader, string what, RepositoryName? repository)
    {
        var passes = known.Pools.Where(p => reader.MayRead(p.Key)).ToArray();
        var serving = repository is not { } named
            ? passes
            : [.. passes.Where(p => p.Input is { } input && named.IsServedBy(input.Pool))];
        var where = repository is { } given ? Wording.Name($"{given}") : "";
        if (passes.Length > 0 && serving.Length == 0)
            return Wording.Sentence($"No pool that you may read serves {where}, so nothing is known of {what}. Correct "
                + $"the address, or add the repository to spec.github.serves of a pool.{Broken(known, reader)}");
        var unread = serving.Select(p => p.Report.Conditions.FirstOrDefault(
                c => c.Type == Conditions.QueueRead && c.Holds != true))
            .FirstOrDefault(c => c is not null);
        return Wording.Sentence($"No {what} is known to any pool that you may read: it has ended a while ago, GitHub "
            + $"has not shown it yet, or it is none of theirs.{(unread is null ? "" : $" {unread.Message}")}"
            + Broken(known, reader));
    }

    /// <summary>What a broken pool would serve, nobody knows.</summary>
    private static string Broken(Knowledge known, Reader reader)
    {
        var broken = known.Pools.Where(p => p.Input is null && reader.MayRead(p.Key)).ToArray();
        return broken.Length == 0
            ? ""
            : $" What {string.Join(", ", broken.Take(MostNamed).Select(p => p.Key))} would serve is not known, "
                + $"because the spec breaks a rule: {broken[0].Report.Conditions[0].Message}";
    }
}
