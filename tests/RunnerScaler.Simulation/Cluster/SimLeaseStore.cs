using RunnerScaler.Kubernetes.Leading;

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
internal sealed class SimLeaseStore(SimApi api, LeaseObject lease) : ILeaseStore
{
    public Task<LeaseAnswer> GetAsync(CancellationToken cancel) => SendAsync("get", lease.Read, cancel);

    public Task<LeaseAnswer> CreateAsync(LeaseRecord record, CancellationToken cancel) =>
        SendAsync("create", () => lease.Write(record, isNew: true), cancel);

    public Task<LeaseAnswer> UpdateAsync(LeaseRecord record, CancellationToken cancel) =>
        SendAsync("update", () => lease.Write(record, isNew: false), cancel);

    private Task<LeaseAnswer> SendAsync(string verb, Func<LeaseAnswer> act, CancellationToken cancel) =>
        api.SendAsync(
            new(verb, "leases", "runnerscaler", verb == "create" ? "" : "runnerscaler"), act,
            refusal => new LeaseAnswer.Unavailable(refusal.Message), cancel);
}
