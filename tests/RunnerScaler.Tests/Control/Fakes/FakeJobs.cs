using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>A source that does what a test says at each reading.</summary>
internal sealed class FakeJobs : IJobSource
{
    private readonly Lock guard = new();

    public List<(AccountKey Account, ImmutableArray<Scope> Scopes)> Readings { get; } = [];

    public List<AccountKey> Forgotten { get; } = [];

    public Func<AccountKey, Action<JobObservation>, Task<TimeSpan>> OnRead { get; set; } =
        (_, _) => Task.FromResult(TimeSpan.FromSeconds(5));

    public Task<TimeSpan> ReadAsync(
        AccountKey account, ImmutableArray<Scope> scopes, Action<JobObservation> observe, CancellationToken cancel)
    {
        lock (guard)
            Readings.Add((account, scopes));
        return OnRead(account, observe);
    }

    /// <summary>The repositories that are watched, whatever the account.</summary>
    public List<RepositoryKey> Watched { get; } = [];

    public bool Hint(AccountKey account, RepositoryKey repository) => Watched.Contains(repository);

    /// <summary>Those of them whose credential was to be forgotten, too.</summary>
    public List<AccountKey> Released { get; } = [];

    public void ForgetReadings(AccountKey account)
    {
        lock (guard)
            Forgotten.Add(account);
    }

    public void Forget(AccountKey account)
    {
        ForgetReadings(account);
        lock (guard)
            Released.Add(account);
    }
}
