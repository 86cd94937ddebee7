using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Queue;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Telemetry;
using Scope = RunnerScaler.Scaling.Pools.Scope;

namespace RunnerScaler.Bench.Queue;

/// <summary>The controller's own reading, as its loop drives it, with the hints that it gets.</summary>
internal sealed class OurReading : ISecretSource
{
    private static readonly RSA Key = RSA.Create(2048);
    private static readonly AccountKey Account = new("default", "github", QueueWorld.Server);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.05);

    private readonly QueueWorld world;
    private readonly JobSource source;
    private readonly Random random = new(11);
    private readonly Dictionary<string, ReadOnlyMemory<byte>> secret = [];
    private long told;
    private int hints;

    public OurReading(QueueWorld world)
    {
        this.world = world;
        var app = world.GitHub.Credentials.AddApp(QueueWorld.Owner, "scaler", Key.ExportSubjectPublicKeyInfoPem());
        world.GitHub.Credentials.Install(app, QueueWorld.Owner);
        secret["app_id"] = Encoding.UTF8.GetBytes($"{app.Id}");
        secret["private_key"] = Encoding.UTF8.GetBytes(Key.ExportRSAPrivateKeyPem());
        var options = new GitHubOptions();
        var metrics = new ScalerMetrics(Metrics.NewCustomRegistry(), "bench", world.Time);
        var accounts = new GitHubAccounts(options, this, metrics, world.Time, new Random(3), () => world.Traffic);
        source = new(accounts, options, world.Time, new Random(4), NullLogger<JobSource>.Instance);
    }

    /// <param name="webhooks">What goes wrong with webhooks; null if there are none.</param>
    public void Run(WebhookFaults? webhooks)
    {
        if (webhooks is not null)
            Tell(webhooks);
        while (!world.IsOver)
        {
            var read = source.ReadAsync(Account, [Served], Observe, CancellationToken.None);
            if (world.Time.Await(Boxed(read), TimeSpan.FromHours(1)) is not TimeSpan pause || world.Time.Escaped)
                throw new InvalidOperationException("The reading left the thread, or did not end.");
            var (end, before) = (world.Time.Elapsed + pause, hints);
            while (hints == before && world.Time.Step(end))
            {
            }
        }
    }

    Task<SecretResult> ISecretSource.ReadAsync(string ns, string name, CancellationToken cancel) =>
        Task.FromResult<SecretResult>(new SecretResult.Found(secret, "1"));

    private static async Task<object> Boxed(Task<TimeSpan> task) => await task;

    private void Observe(JobObservation seen)
    {
        if (seen is JobObservation.RepositoryRead read)
            foreach (var job in read.Jobs)
                world.Saw(job.Id);
    }

    private void Tell(WebhookFaults faults)
    {
        foreach (var delivery in world.GitHub.DeliveriesAfter(told))
        {
            told = delivery.Id;
            var name = world.GitHub.FindRepository(delivery.Job.RepositoryId)!.Name;
            foreach (var way in faults.Draw(random))
                world.Time.After(way, () => Hint(name));
        }
        world.Time.After(Interval, () => Tell(faults));
    }

    private void Hint(string name)
    {
        if (source.Hint(Account, RepositoryKey.Of(QueueWorld.Server, QueueWorld.Owner, name)))
            hints++;
    }

    private static Scope Served =>
        new() { Kind = ScopeKind.Organization, Server = QueueWorld.Server, Owner = QueueWorld.Owner };
}
