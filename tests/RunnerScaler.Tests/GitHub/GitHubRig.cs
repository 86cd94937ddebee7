using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Queue;
using RunnerScaler.GitHub.Runners;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>The GitHub part over a fake GitHub, with a clock that stands still.</summary>
internal sealed class GitHubRig
{
    /// <summary>Turns that the thread pool is given before time goes on all the same.</summary>
    private const int MostTurns = 200;

    public static readonly AccountKey Account = new("runners", "github", "https://github.com");

    private static readonly string Pem = CreatePem();

    public GitHubRig(GitHubOptions? options = null)
    {
        Options = options
            ?? new GitHubOptions { ReadRetries = 0, MinuteLimit = 100_000, DeliveriesPeriod = TimeSpan.Zero };
        Secrets.Set(("token", "ghp_secret"));
        Accounts = new GitHubAccounts(Options, Secrets, Metrics, Time, new Random(1), () => GitHub);
        Source = new JobSource(Accounts, Options, Time, new Random(2), NullLogger<JobSource>.Instance);
        Registrar = new Registrar(Accounts, Options, Time, new Random(3), NullLogger<Registrar>.Instance);
    }

    public static string PrivateKey => Pem;

    public GitHubOptions Options { get; }

    public FakeTimeProvider Time { get; } = new(FakeGitHub.Start);

    public FakeGitHub GitHub { get; } = new();

    public FakeSecrets Secrets { get; } = new();

    public RecordedMetrics Metrics { get; } = new();

    public GitHubAccounts Accounts { get; }

    public JobSource Source { get; }

    public Registrar Registrar { get; }

    /// <summary>How long the last reading said to wait.</summary>
    public TimeSpan Wait { get; private set; }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Scope Scope(string url, params string[] only)
    {
        Assert.True(RunnerScaler.Scaling.Pools.Scope.TryParse(url, out var scope, out var problem), problem);
        return scope with { Only = [.. only] };
    }

    public static RepositoryKey Repository(string name) => RepositoryKey.Of(Account.Server, "acme", name);

    /// <summary>Reads what is due of the organisation <c>acme</c>, or of the scopes given.</summary>
    public async Task<JobObservation[]> ReadAsync(params Scope[] scopes)
    {
        var seen = new ConcurrentQueue<JobObservation>();
        ImmutableArray<Scope> served = scopes.Length > 0 ? [.. scopes] : [Scope("https://github.com/acme")];
        Wait = await Source.ReadAsync(Account, served, seen.Enqueue, Cancel);
        return [.. seen];
    }

    /// <summary>Lets time pass, then reads.</summary>
    public Task<JobObservation[]> ReadAfterAsync(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        return ReadAsync();
    }

    /// <summary>Moves the clock on until the task has ended.</summary>
    public static async Task<T> PassTimeAsync<T>(FakeTimeProvider time, Task<T> task, TimeSpan step)
    {
        while (!task.IsCompleted)
        {
            time.Advance(step);

            // What became due runs on the thread pool: on a busy machine, time must not run ahead of it.
            for (var turns = 0; turns < MostTurns && !task.IsCompleted; turns++)
            {
                await Task.Yield();
                if (ThreadPool.PendingWorkItemCount == 0)
                    break;
            }
        }
        return await task;
    }

    public void UseApp() => Secrets.Set(("app_id", "7"), ("private_key", Pem));

    private static string CreatePem()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportRSAPrivateKeyPem();
    }
}
