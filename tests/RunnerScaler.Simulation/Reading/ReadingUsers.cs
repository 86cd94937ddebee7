using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Simulation.Reading;

/// <summary>Who pushes, approves and cancels, and a runner that takes jobs.</summary>
internal sealed class ReadingUsers(Random random, StepTime time, Organization github)
{
    private readonly List<Run> runs = [];
    private int runners;

    public void Start(TimeSpan until)
    {
        for (var i = random.Next(1, 12); i > 0; i--)
            time.After(until * random.NextDouble(), Push);
        for (var i = random.Next(0, 6); i > 0; i--)
            time.After(until * random.NextDouble(), TakeOne);
    }

    /// <summary>What a job can wait for before it is queued.</summary>
    public static JobStatus Held(Random random) => random.Next(4) switch
    {
        0 => JobStatus.Waiting,
        1 => JobStatus.Pending,
        2 => JobStatus.Requested,
        _ => JobStatus.Queued,
    };

    private void Push()
    {
        var repositories = github.RepositoriesOf("acme");
        var jobs = Enumerable.Range(0, random.Next(1, 5))
            .Select(i => new JobSpec($"job{i}") { InitialStatus = i == 0 ? JobStatus.Queued : Held(random) });
        var run = github.QueueRun(
            repositories[random.Next(repositories.Count)].FullName, new WorkflowSpec("ci", [.. jobs]));
        runs.Add(run);
        if (random.Next(3) == 0)
            time.After(TimeSpan.FromSeconds(random.Next(5, 200)), () => Change(run));
    }

    private void Change(Run run)
    {
        var job = github.JobsOf(run.Id)[^1];
        if (job.Status is JobStatus.Waiting or JobStatus.Pending or JobStatus.Requested)
            github.ReleaseJob(job.Id);
        else
            github.CancelJob(job.Id);
    }

    /// <summary>A runner of somebody else's takes a job, and ends it later.</summary>
    private void TakeOne()
    {
        var group = github.RunnerGroupsOf("acme").First(g => g.Default).Id;
        var made = github.CreateJitConfig("acme", new($"foreign-{++runners}", group, ["self-hosted"]));
        var session = github.Connect(made.EncodedJitConfig)!;
        time.After(TimeSpan.FromSeconds(10), () => Watch(session, 20));
    }

    private void Watch(RunnerSession session, int times)
    {
        var busyFor = TimeSpan.FromSeconds(random.Next(1, 100));
        if (github.TryTake(session) is not null)
            time.After(busyFor, () => github.Complete(session, JobConclusion.Success));
        else if (times > 0)
            time.After(TimeSpan.FromSeconds(10), () => Watch(session, times - 1));
        else
            github.Disconnect(session, graceful: true);
    }
}
