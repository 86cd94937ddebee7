using System.Diagnostics;
using System.Globalization;
using RunnerScaler.Control.State;
using RunnerScaler.Explaining;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Telemetry;

namespace RunnerScaler.Bench;

/// <summary>
/// What it costs that runners that ended are remembered, and that the traces of their jobs are sent to a collector,
/// which is another process.
/// </summary>
/// <param name="batches">How often it is measured.</param>
internal sealed class EndCosts(int batches)
{
    /// <summary>The traces of so many find room in the sender's queue: none is dropped.</summary>
    private const int OfBatch = 100;

    private static readonly DateTimeOffset Start = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    public EndFigures Measure()
    {
        using var collector = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["collector"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            var address = collector.StandardOutput.ReadLine()!;
            return new(
                KeptBytes(builds: 0), KeptBytes(builds: TerminationMessage.MostBuilds),
                Cost(new()), Cost(To(address, 1)), Cost(To(address, 0.1)), Cost(To(address, 0)));
        }
        finally
        {
            collector.Kill();
        }
    }

    /// <summary>Takes traces in and says where: until it is killed.</summary>
    public static async Task CollectAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapPost("/v1/traces", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.ContentType = "application/x-protobuf";
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await app.WaitForShutdownAsync();
    }

    private static TelemetryOptions To(string address, double share) =>
        new() { OtlpEndpoint = address, TraceShare = share };

    /// <summary>What the heap holds of as many as are remembered, after as many before them are forgotten.</summary>
    private static long KeptBytes(int builds)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var ended = new EndedRunners();
        for (var i = 0; i < 2 * EndedRunners.Most; i++)
            ended.Add(RunnerOf(i, builds));
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(ended);
        return kept;
    }

    /// <summary>Medians of what one runner's end costs, the sending included.</summary>
    private EndCost Cost(TelemetryOptions options)
    {
        var (bytes, microseconds) = (new List<double>(), new List<double>());
        for (var batch = 0; batch <= batches; batch++)
        {
            var runners = Enumerable.Range(0, OfBatch).Select(i => RunnerOf(i, builds: 2)).ToArray();
            var ended = new EndedRunners();
            var traces = new JobTraces(options, "0.0.0", _ => null);
            traces.Follow(ended);
            var (allocated, used) = (GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime);
            foreach (var runner in runners)
                ended.Add(runner);
            traces.Dispose();
            if (batch == 0)
                continue;
            bytes.Add((GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)OfBatch);
            microseconds.Add((Environment.CpuUsage.TotalTime - used).TotalMicroseconds / OfBatch);
        }
        return new(Median(bytes), Median(microseconds));
    }

    private static EndedRunner RunnerOf(int number, int builds)
    {
        var (uid, at) = (string.Create(CultureInfo.InvariantCulture, $"{number:x8}-0000-4000-8000-000000000000"),
            Start.AddSeconds(number));
        var (pod, account) = (
            Slot.PodName("linux", number % 100), new AccountKey("ci", "github-app", "https://github.com"));
        var name = Slot.RunnerName("linux", number % 100, uid, 1);
        return new()
        {
            Pool = new("ci", "linux"),
            Pod = pod,
            PodUid = uid,
            Node = string.Create(CultureInfo.InvariantCulture, $"node-{number % 20}"),
            Grant = new(new RegistrationTarget(account, "acme", null), name, 1, at.AddSeconds(8)),
            Job = new()
            {
                Id = 50_000_000_000 + number,
                RunId = 20_000_000_000 + number,
                Repository = RepositoryKey.Of(account.Server, "acme", $"service-{number}"),
                Name = $"build-and-test ({number})",
                Workflow = $"Continuous integration {number}",
                Labels = LabelSet.Of("self-hosted", "linux", "x64"),
                State = JobState.Completed,
                QueuedAt = at,
                StartedAt = at.AddSeconds(11),
                CompletedAt = at.AddSeconds(100),
                Conclusion = "success",
                RunnerName = name,
            },
            JobSeenAt = at.AddSeconds(1),
            Outcome = OutcomeKind.RanJob,
            Sentence = $"The runner in '{pod}' ran job 'build-and-test ({number})' of acme/service-{number}; it ended "
                + "with Completed, exit code 0.",
            SeenAt = at.AddSeconds(2),
            CreatedAt = at.AddSeconds(2),
            ScheduledAt = at.AddSeconds(3),
            StartedAt = at.AddSeconds(5),
            BuilderTook = TimeSpan.FromSeconds(1),
            ClaimedAt = at.AddSeconds(7),
            RegisteredAt = at.AddSeconds(9),
            EndedAt = at.AddSeconds(102),
            Builds =
            [
                .. Enumerable.Range(0, builds).Select(i =>
                    new Build(BuildCommand.Build, BuildResult.Success, TimeSpan.FromSeconds(2), 9, 4)
                    {
                        BeganAt = at.AddSeconds(20 + (2 * i)),
                    }),
            ],
        };
    }

    private static double Median(List<double> all) => all.Order().ElementAt(all.Count / 2);
}

/// <param name="KeptBytes">Of the last 1,000 runners, none of whose jobs built images.</param>
/// <param name="KeptBytesWithBuilds">The same, of jobs with as many builds as a pod tells of.</param>
/// <param name="Off">Without an address of a collector.</param>
/// <param name="On">With one; two builds in each job.</param>
/// <param name="Tenth">A tenth of the traces is sent.</param>
/// <param name="None">None is sent, though there is an address.</param>
internal sealed record EndFigures(
    long KeptBytes, long KeptBytesWithBuilds, EndCost Off, EndCost On, EndCost Tenth, EndCost None);

/// <summary>Of one runner.</summary>
internal readonly record struct EndCost(double AllocatedBytes, double ProcessorMicroseconds);
