using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Queue;
using RunnerScaler.GitHub.Runners;
using RunnerScaler.GitHub.ScaleSets;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Credentials;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Telemetry;
using Job = RunnerScaler.Scaling.Jobs.Job;

namespace RunnerScaler.Integration.GitHub;

/// <summary>The controller's GitHub part, over HTTP, against the sandbox's organisation; both on one clock.</summary>
internal sealed class GitHubBox : IAsyncDisposable, ISecretSource
{
    private readonly RSA privateKey = RSA.Create(2048);
    private readonly WebApplication web;
    private readonly Dictionary<string, string> secret = [];
    private int version = 1;

    private GitHubBox(RestLimits? limits)
    {
        Organization = new Organization(Clock, new Random(1));
        Organization.AddOrganization("acme");
        Organization.AddUser("alice");
        Organization.AddRepository("acme/app");
        Organization.AddRepository("acme/lib");
        Organization.AddRepository("alice/notes");
        App = Organization.Credentials.AddApp("acme", "scaler", privateKey.ExportSubjectPublicKeyInfoPem());
        Organization.Credentials.Install(App, "acme");
        UseApp();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        web = builder.Build();
        Counts = web.MapGitHubApi(Organization, Clock, Faults, limits);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 9, 1, 8, 0, 0, TimeSpan.Zero));

    public Organization Organization { get; }

    public GitHubApp App { get; }

    public RestFaults Faults { get; } = new(new Random(1));

    public RouteCounts Counts { get; }

    public JobSource Source { get; private set; } = null!;

    public Registrar Registrar { get; private set; } = null!;

    public ScaleSetSource ScaleSets { get; private set; } = null!;

    /// <summary>Registers the runners of scale sets, and others.</summary>
    public FeedRegistrar FeedRegistrar { get; private set; } = null!;

    public AccountKey Account { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<GitHubBox> StartAsync(RestLimits? limits = null, GitHubOptions? options = null)
    {
        var box = new GitHubBox(limits);
        await box.web.StartAsync(Cancel);
        box.Account = new AccountKey("runners", "github", box.web.Urls.Single());
        box.Compose(options ?? new GitHubOptions { ReadRetries = 0 });
        return box;
    }

    public void UseApp() => Use(("app_id", $"{App.Id}"), ("private_key", privateKey.ExportRSAPrivateKeyPem()));

    public void UseToken(string user, params string[] scopes) =>
        Use(("token", Organization.Credentials.AddPersonalToken(user, scopes, "acme")));

    public Scope Scope(string path)
    {
        var url = $"{Account.Server}/{path}";
        Assert.True(RunnerScaler.Scaling.Pools.Scope.TryParse(url, out var scope, out var problem), problem);
        return scope;
    }

    public RepositoryKey Repository(string name) =>
        RepositoryKey.Of(Account.Server, name.Split('/')[0], name.Split('/')[1]);

    /// <summary>Reads what is due, after a while.</summary>
    public async Task<JobObservation[]> ReadAsync(string path = "acme", double after = 4)
    {
        Clock.Advance(TimeSpan.FromSeconds(after));
        Organization.Advance();
        var seen = new ConcurrentQueue<JobObservation>();
        await Source.ReadAsync(Account, [Scope(path)], seen.Enqueue, Cancel);
        return [.. seen];
    }

    /// <summary>The jobs of one repository, after a while.</summary>
    public async Task<Job[]> JobsAsync(string repository = "acme/app", string path = "acme", double after = 4)
    {
        var seen = await ReadAsync(path, after);
        var key = Repository(repository);
        var read = seen.OfType<JobObservation.RepositoryRead>().LastOrDefault(r => r.Repository == key);
        Assert.True(read is not null, string.Join('\n', seen.Select(o => $"{o}")));
        return [.. read.Jobs];
    }

    public Task<SecretResult> ReadAsync(string ns, string name, CancellationToken cancel) =>
        Task.FromResult<SecretResult>(new SecretResult.Found(
            secret.ToDictionary(s => s.Key, s => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(s.Value)), $"{version}"));

    public async ValueTask DisposeAsync()
    {
        Source.Forget(Account);
        await web.DisposeAsync();
        privateKey.Dispose();
    }

    private void Use(params (string Key, string Value)[] data)
    {
        secret.Clear();
        foreach (var (name, value) in data)
            secret[name] = value;
        version++;
    }

    private void Compose(GitHubOptions options)
    {
        var metrics = new ScalerMetrics(Metrics.NewCustomRegistry(), "test", Clock);
        var accounts = new GitHubAccounts(options, this, metrics, Clock, new Random(1));
        Source = new JobSource(accounts, options, Clock, new Random(2), NullLogger<JobSource>.Instance);
        Registrar = new Registrar(accounts, options, Clock, new Random(3), NullLogger<Registrar>.Instance);
        var services = new ActionsApis(Clock);
        ScaleSets = new ScaleSetSource(accounts, services, Clock, NullLogger<ScaleSetSource>.Instance);
        FeedRegistrar = new FeedRegistrar(
            Registrar, accounts, services, new Random(4), NullLogger<FeedRegistrar>.Instance);
    }
}
