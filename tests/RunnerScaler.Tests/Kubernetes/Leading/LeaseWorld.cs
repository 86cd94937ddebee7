using RunnerScaler.Kubernetes.Leading;

namespace RunnerScaler.Tests.Kubernetes.Leading;

/// <summary>One Lease in memory, as the API server would keep it, with problems on demand.</summary>
internal sealed class LeaseWorld
{
    public LeaseRecord? Lease { get; set; }

    public int Version { get; private set; }

    public List<string> Holders { get; } = [];

    public LeaseAnswer Get() => Lease is null ? new LeaseAnswer.Missing() : new LeaseAnswer.Is(Lease);

    public LeaseAnswer Create(LeaseRecord record) => Lease is null ? Store(record) : new LeaseAnswer.Conflict();

    public LeaseAnswer Update(LeaseRecord record) =>
        Lease is null ? new LeaseAnswer.Missing()
        : Lease.ResourceVersion != record.ResourceVersion ? new LeaseAnswer.Conflict()
        : Store(record);

    private LeaseAnswer.Is Store(LeaseRecord record)
    {
        Version++;
        Lease = record with { ResourceVersion = Version.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        Holders.Add(record.Holder);
        return new LeaseAnswer.Is(Lease);
    }
}

/// <summary>What happens to a request on its way.</summary>
public enum Fate
{
    Fine,

    /// <summary>It never arrives.</summary>
    Refused,

    /// <summary>It arrives and has its effect; the answer does not.</summary>
    AnswerLost,

    /// <summary>It hangs until the caller gives up, and has its effect then.</summary>
    Stuck,
}

/// <summary>One replica's way to the Lease.</summary>
internal sealed class FaultyLeaseStore(LeaseWorld world, Func<Fate> fate) : ILeaseStore
{
    public int Requests { get; private set; }

    public Task<LeaseAnswer> GetAsync(CancellationToken cancel) => SendAsync(world.Get, cancel);

    public Task<LeaseAnswer> CreateAsync(LeaseRecord record, CancellationToken cancel) =>
        SendAsync(() => world.Create(record), cancel);

    public Task<LeaseAnswer> UpdateAsync(LeaseRecord record, CancellationToken cancel) =>
        SendAsync(() => world.Update(record), cancel);

    private async Task<LeaseAnswer> SendAsync(Func<LeaseAnswer> effect, CancellationToken cancel)
    {
        Requests++;
        switch (fate())
        {
            case Fate.Refused:
                return new LeaseAnswer.Unavailable("refused");
            case Fate.AnswerLost:
                effect();
                return new LeaseAnswer.Unavailable("answer lost");
            case Fate.Stuck:
                var givenUp = new TaskCompletionSource();
                await using (cancel.Register(givenUp.SetResult))
                    await givenUp.Task;
                effect();
                throw new OperationCanceledException(cancel);
            default:
                return effect();
        }
    }
}

/// <summary>The same passing of time as another clock's, but another time of day.</summary>
internal sealed class SkewedTime(TimeProvider inner, TimeSpan skew) : TimeProvider
{
    public override long TimestampFrequency => inner.TimestampFrequency;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + skew;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        inner.CreateTimer(callback, state, dueTime, period);
}
