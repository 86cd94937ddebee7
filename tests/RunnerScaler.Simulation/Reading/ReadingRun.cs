using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Queue;
using RunnerScaler.GitHub.Runners;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Control;
using JitRequest = RunnerScaler.Control.Ports.JitRequest;
using Scope = RunnerScaler.Scaling.Pools.Scope;

namespace RunnerScaler.Simulation.Reading;

/// <summary>
/// One seed of the controller's GitHub part, over the sandbox's REST interface: what it says of the queue and of
/// registrations is true whatever goes wrong on the way.
/// </summary>
internal sealed class ReadingRun : ISecretSource
{
    private const string Server = "https://github.example.test";

    private static readonly RSA Key = RSA.Create(2048);
    private static readonly AccountKey Account = new("default", "github", Server);

    /// <summary>A pause that GitHub asks for is no longer than this, whatever it says.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(61);

    private readonly StepTime time = new();
    private readonly Random random;
    private readonly Organization github;
    private readonly RestFaults faults;
    private readonly JobSource source;
    private readonly Registrar registrar;
    private readonly RegistrationRule registrations;
    private readonly QueueRule queue;
    private readonly ReadingHints hints;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> secret = [];
    private readonly HashSet<ReadingFault> met = [];
    private string? broken;

    private ReadingRun(int seed, ReadingLie lie)
    {
        random = new Random(seed);
        github = new Organization(time, new Random(random.Next()));
        faults = new RestFaults(new Random(random.Next()));
        github.AddOrganization("acme");
        for (var i = random.Next(1, 5); i > 0; i--)
            github.AddRepository($"acme/app{i - 1}");
        MakeCredential();
        var options = new GitHubOptions();
        var accounts = new GitHubAccounts(
            options, this, new SimMetrics(), time, new Random(random.Next()),
            () => new SandboxTransport(github, time, faults, lie));
        source = new(accounts, options, time, new Random(random.Next()), NullLogger<JobSource>.Instance);
        registrar = new(accounts, options, time, new Random(random.Next()), NullLogger<Registrar>.Instance);
        queue = new QueueRule(github, time, Server);
        hints = new ReadingHints(seed, time, github, source, Account, met);
        registrations = new RegistrationRule(github, new(Account, "acme", null));
    }

    public static ReadingResult Of(int seed, ReadingLie lie = ReadingLie.None)
    {
        var run = new ReadingRun(seed, lie);
        run.Run();
        return run.time.Escaped
            ? new(null, run.met, run.time.Elapsed, IsConcluded: false)
            : new(run.broken, run.met, run.time.Elapsed, IsConcluded: true);
    }

    Task<SecretResult> ISecretSource.ReadAsync(string ns, string name, CancellationToken cancel) =>
        Task.FromResult<SecretResult>(new SecretResult.Found(secret, "1"));

    /// <summary>Whether there is anything left to find out.</summary>
    private bool IsOpen => broken is null && !time.Escaped;

    private void Run()
    {
        var calm = TimeSpan.FromMinutes(random.Next(3, 15));
        new ReadingUsers(random, time, github).Start(calm);
        hints.Start();
        Change(calm);
        while (IsOpen && time.Elapsed < calm)
            Turn();
        faults.Plan = FaultPlan.None;
        var since = time.GetUtcNow();
        var end = time.Elapsed + LongestPause + TimeSpan.FromMinutes(2);
        while (IsOpen && time.Elapsed < end && Unsettled(since) is not null)
            Turn();
        broken ??= Unsettled(since) is { } unsettled ? $"an hour after the last fault: {unsettled}" : null;
        LookAtNewJobs();
        hints.Conclude();
        foreach (var (kind, _) in faults.Injected)
            met.Add(Enum.Parse<ReadingFault>($"{kind}"));
    }

    /// <summary>What was put off because of a fault is read once more before nothing is wrong.</summary>
    private string? Unsettled(DateTimeOffset since) => queue.Difference() ?? queue.Unread(since);

    /// <summary>When nothing is wrong, a job is seen soon, whatever its run's status is.</summary>
    private void LookAtNewJobs()
    {
        if (!IsOpen)
            return;
        foreach (var repository in github.RepositoriesOf("acme"))
        {
            var late = new JobSpec("late") { InitialStatus = ReadingUsers.Held(random) };
            github.QueueRun(repository.FullName, new("late", new JobSpec("now"), late));
        }
        var end = time.Elapsed + TimeSpan.FromSeconds(150);
        while (IsOpen && time.Elapsed < end && queue.Difference() is not null)
            Turn();
        broken ??= queue.Difference() is { } difference ? $"nothing is wrong, but {difference}" : null;
    }

    private void Turn()
    {
        queue.Begin();
        var read = source.ReadAsync(
            Account, [Served], seen => broken ??= queue.Observe(seen), default);
        if (time.Await(Boxed(read), TimeSpan.FromHours(3)) is not TimeSpan pause)
        {
            broken ??= "a reading takes longer than three hours";
            return;
        }
        if (pause <= TimeSpan.Zero || pause > LongestPause)
            broken ??= $"the next reading is to be in {pause}";
        if (random.Next(3) == 0)
            Register();
        var (end, before) = (time.Elapsed + pause, hints.Taken);
        while (hints.Taken == before && time.Step(end))
        {
        }
    }

    private void Register()
    {
        var name = $"linux-0-{random.GetHexString(8, true)}";
        if (random.Next(4) == 0 && github.AllRunners() is { Count: > 0 } known)
            name = known[random.Next(known.Count)].Name;
        registrations.Begin(name);
        if (random.Next(2) == 0)
        {
            var request = new JitRequest(registrations.Target, name, null, LabelSet.Of(["self-hosted"]));
            Conclude(registrar.CreateJitConfigAsync(request, default), registrations.Registered);
        }
        else if (random.Next(2) == 0)
        {
            Conclude(
                Boxed(registrar.DeregisterAsync(registrations.Target, name, null, default)),
                said => registrations.Removed((DeregisterResult)said));
        }
        else
        {
            Conclude(
                Boxed(registrar.FindAsync(registrations.Target, name, null, default)),
                said => registrations.Found((LookupResult)said));
        }
    }

    private void Conclude<T>(Task<T> asked, Func<T, string?> judge)
        where T : class
    {
        if (time.Await(asked, TimeSpan.FromHours(3)) is { } answer)
            broken ??= judge(answer);
        else
            broken ??= "a request takes longer than three hours";
    }

    private static async Task<object> Boxed<T>(Task<T> task)
        where T : struct => await task;

    private void Change(TimeSpan calm)
    {
        if (time.Elapsed >= calm)
            return;
        var plan = new ReadingFaults(random, time).Draw();
        faults.Plan = plan;
        if (plan.TokenReplication > TimeSpan.Zero && secret.Count > 1)
            met.Add(ReadingFault.TokenReplication);
        if (plan.LargestPage < 99)
            met.Add(ReadingFault.ShortPage);
        if (plan is { RetryAfterText: { } text, ThrottledShare: > 0 })
        {
            met.Add(text.Contains(',', StringComparison.Ordinal)
                ? ReadingFault.RetryAfterDate
                : ReadingFault.RetryAfterText);
        }
        time.After(TimeSpan.FromSeconds(random.Next(10, 240)), () => Change(calm));
    }

    private void MakeCredential()
    {
        if (random.Next(3) == 0)
        {
            github.AddUser("robot");
            Put("token", github.Credentials.AddPersonalToken("robot", ["repo", "admin:org"], "acme"));
            return;
        }
        var app = github.Credentials.AddApp("acme", "scaler", Key.ExportSubjectPublicKeyInfoPem());
        github.Credentials.Install(app, "acme");
        Put("app_id", $"{app.Id}");
        Put("private_key", Key.ExportRSAPrivateKeyPem());
    }

    private void Put(string name, string value) => secret[name] = Encoding.UTF8.GetBytes(value);

    private static Scope Served => new() { Kind = ScopeKind.Organization, Server = Server, Owner = "acme" };
}
