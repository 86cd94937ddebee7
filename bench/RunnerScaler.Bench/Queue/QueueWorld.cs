using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Simulation.Reading;

namespace RunnerScaler.Bench.Queue;

/// <summary>
/// An organisation in virtual time, in which the same happens whoever looks: runs of four jobs, one that three others
/// wait for; a tenth of the repositories has most of them. Each job is taken twenty seconds or so after it is queued,
/// and all of a run takes some eight minutes.
/// </summary>
internal sealed class QueueWorld
{
    public const string Owner = "acme";
    public const string Server = "https://github.example.test";

    private const int JobsOfRun = 4;

    /// <summary>Nobody has pushed for so long when it begins: all repositories are cold.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromHours(25);

    /// <summary>How long work goes on before anything is measured.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Random random = new(7);
    private readonly Dictionary<long, TimeSpan> delays = [];
    private readonly TimeSpan from;
    private long served;
    private int runners;

    public QueueWorld(QueueOptions options, RestLimits limits)
    {
        from = Before + WarmUp;
        End = from + options.Length;
        GitHub = new Organization(Time, new Random(1));
        GitHub.AddOrganization(Owner);
        for (var i = 0; i < options.Repositories; i++)
            GitHub.AddRepository(NameOf(i));
        Time.RunUntil(Before);
        var faults = new RestFaults(new Random(2))
        {
            Plan = new() { LatencyMin = TimeSpan.FromSeconds(0.1), LatencyMax = TimeSpan.FromSeconds(0.3) },
        };
        Traffic = new(from, Time)
        {
            InnerHandler = new SandboxTransport(GitHub, Time, faults, ReadingLie.None, limits),
        };
        Plan(options);
        Serve();
    }

    public StepTime Time { get; } = new();

    public Organization GitHub { get; }

    public QueueTraffic Traffic { get; }

    public TimeSpan End { get; }

    public bool IsOver => Time.Elapsed >= End;

    public static string NameOf(int repository) => $"{Owner}/app{repository}";

    /// <summary>A job was seen, queued or later.</summary>
    public void Saw(long id)
    {
        if (!delays.ContainsKey(id) && GitHub.FindJob(id) is { QueuedAt: { } queued })
            delays[id] = Time.GetUtcNow() - queued;
    }

    /// <summary>
    /// From a job's being queued to its being seen, of those that were queued in the time that is measured; those that
    /// never were seen count as long as the world went on.
    /// </summary>
    public IReadOnlyList<TimeSpan> Delays()
    {
        var (first, last) = (StepTime.Epoch + from, StepTime.Epoch + End - TimeSpan.FromMinutes(2));
        return
        [
            .. GitHub.DeliveriesAfter(0)
                .Where(d => d.Action == "queued" && d.At >= first && d.At < last)
                .Select(d => delays.TryGetValue(d.Job.Id, out var delay) ? delay : StepTime.Epoch + End - d.At),
        ];
    }

    private void Plan(QueueOptions options)
    {
        var busy = Math.Max(1, options.Repositories / 10);
        var span = End - Before;
        var runs = (int)Math.Round(options.JobsPerHour * span.TotalHours / JobsOfRun);
        for (var i = 0; i < runs; i++)
        {
            var name = NameOf(random.Next(3) > 0 ? random.Next(busy) : random.Next(options.Repositories));
            var workflow = new WorkflowSpec(
                "ci",
                new JobSpec("build") { Duration = Minutes(1, 3) },
                new JobSpec("test") { Needs = ["build"], Matrix = ["1", "2", "3"], Duration = Minutes(4, 8) })
            {
                Event = random.Next(10) < 6 ? "push" : "workflow_dispatch",
            };
            Time.After(span * random.NextDouble(), () => GitHub.QueueRun(name, workflow));
        }
    }

    private TimeSpan Minutes(double least, double most) =>
        TimeSpan.FromMinutes(least + ((most - least) * random.NextDouble()));

    /// <summary>Gives each job a runner in its time, whether anybody has seen it or not.</summary>
    private void Serve()
    {
        foreach (var delivery in GitHub.DeliveriesAfter(served))
        {
            served = delivery.Id;
            if (delivery.Action == "queued")
                Time.After(TimeSpan.FromSeconds(15 + (10 * random.NextDouble())), Register);
        }
        Time.After(Interval, Serve);
    }

    private void Register()
    {
        var group = GitHub.RunnerGroupsOf(Owner).First(g => g.Default).Id;
        var made = GitHub.CreateJitConfig(Owner, new($"linux-{++runners}", group, ["self-hosted"]));
        Take(GitHub.Connect(made.EncodedJitConfig)!);
    }

    private void Take(RunnerSession session)
    {
        if (GitHub.TryTake(session) is { } job)
            Time.After(job.Duration, () => GitHub.Complete(session, JobConclusion.Success));
        else
            Time.After(Interval, () => Take(session));
    }
}
