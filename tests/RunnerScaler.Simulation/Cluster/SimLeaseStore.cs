using RunnerScaler.Kubernetes.Leading;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The one Lease, with optimistic locking.</summary>
internal sealed class LeaseObject
{
    private int version;

    public LeaseRecord? Record { get; private set; }

    public LeaseAnswer Read() => Record is null ? new LeaseAnswer.Missing() : new LeaseAnswer.Is(Record);

    public LeaseAnswer Write(LeaseRecord wanted, bool isNew)
    {
        if (isNew != Record is null)
            return isNew ? new LeaseAnswer.Conflict() : new LeaseAnswer.Missing();
        if (!isNew && wanted.ResourceVersion != Record!.ResourceVersion)
            return new LeaseAnswer.Conflict();
        Record = wanted with { ResourceVersion = $"{++version}" };
        return new LeaseAnswer.Is(Record);
    }
}

/// <summary>The Lease over the network.</summary>
internal sealed class SimLeaseStore(Env env, LeaseObject lease, string who) : ILeaseStore
{
    public Task<LeaseAnswer> GetAsync(CancellationToken cancel) => SendAsync("read", lease.Read, cancel);

    public Task<LeaseAnswer> CreateAsync(LeaseRecord record, CancellationToken cancel) =>
        SendAsync("create", () => lease.Write(record, isNew: true), cancel);

    public Task<LeaseAnswer> UpdateAsync(LeaseRecord record, CancellationToken cancel) =>
        SendAsync("update", () => lease.Write(record, isNew: false), cancel);

    private Task<LeaseAnswer> SendAsync(string what, Func<LeaseAnswer> act, CancellationToken cancel) =>
        env.Wire.SendAsync(
            w => w.Lease, $"{who}: {what} lease", act, why => new LeaseAnswer.Unavailable(why), cancel);
}
