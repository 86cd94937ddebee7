using RunnerScaler.Protocol;

namespace RunnerScaler.Sandbox.GitHub;

/// <summary>What a workflow file would say: a name and its jobs.</summary>
internal sealed record WorkflowSpec(string Name, IReadOnlyList<JobSpec> Jobs)
{
    public WorkflowSpec(string name, params JobSpec[] jobs) : this(name, (IReadOnlyList<JobSpec>)jobs)
    {
    }

    /// <summary>The event that starts it. Only <c>push</c> moves the repository's time of last push.</summary>
    public string Event { get; init; } = "push";

    public string Branch { get; init; } = "main";

    /// <summary>Whether the commit is one of a fork, as in a pull request from there.</summary>
    public bool IsOfFork { get; init; }

    /// <summary>Refuses what GitHub would refuse as an invalid workflow file.</summary>
    /// <exception cref="ArgumentException">No jobs, bad needs, names used twice, nothing to run on.</exception>
    public void Validate()
    {
        if (Jobs.Count == 0) throw new ArgumentException($"Workflow '{Name}' has no jobs.");
        var known = new HashSet<string>();
        var open = Jobs.ToList();
        while (open.Count > 0)
        {
            var ready = open.FindAll(job => job.Needs.All(known.Contains));
            if (ready.Count == 0) throw Fault(open[0], "needs a job that never comes");
            foreach (var job in ready)
            {
                if (!known.Add(job.Name)) throw Fault(job, "is there twice");
                if (job.RunsOn.Count == 0 && job.Group is null) throw Fault(job, "names neither labels nor a group");
                if (job.Matrix.Count > 256) throw Fault(job, "has more than 256 matrix values");
            }

            open.RemoveAll(ready.Contains);
        }
    }

    private ArgumentException Fault(JobSpec job, string fault) =>
        new($"Job '{job.Name}' of workflow '{Name}' {fault}.");
}

/// <summary>One job of a workflow; with a <see cref="Matrix"/>, one job per value.</summary>
/// <param name="Name">The key that <see cref="Needs"/> of other jobs refers to.</param>
internal sealed record JobSpec(string Name)
{
    public static readonly IReadOnlyList<string> SelfHosted = ["self-hosted"];

    /// <summary>Labels asked for. Empty only together with <see cref="Group"/>.</summary>
    public IReadOnlyList<string> RunsOn { get; init; } = SelfHosted;

    /// <summary><c>runs-on: {group: …}</c>; not shown by the REST interface until the job is assigned.</summary>
    public string? Group { get; init; }

    /// <summary>How long a runner works on it.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How it ends when nothing disturbs it.</summary>
    public JobConclusion EndsAs { get; init; } = JobConclusion.Success;

    /// <summary>Whether it kills the runner's container instead of ending.</summary>
    public bool KillsRunner { get; init; }

    /// <summary>Image builds that the job's pod tells of at its end.</summary>
    public IReadOnlyList<Build> Builds { get; init; } = [];

    /// <summary>Jobs that must succeed first. One that fails makes this job skipped.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>
    /// Queued, or Waiting (an environment's gate), Pending (a concurrency group), Requested; these wait for
    /// <see cref="Organization.ReleaseJob"/>. Completed means skipped by its condition.
    /// </summary>
    public JobStatus InitialStatus { get; init; } = JobStatus.Queued;

    /// <summary>Values of the matrix, at most 256; empty for a plain job.</summary>
    public IReadOnlyList<string> Matrix { get; init; } = [];

    /// <summary>The names of the jobs this becomes.</summary>
    public IEnumerable<string> JobNames => Matrix.Count == 0 ? [Name] : Matrix.Select(value => $"{Name} ({value})");
}
