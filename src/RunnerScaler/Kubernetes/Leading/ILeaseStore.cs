namespace RunnerScaler.Kubernetes.Leading;

/// <summary>The one Lease that replicas compete for. What goes wrong is a result; only cancellation throws.</summary>
internal interface ILeaseStore
{
    Task<LeaseAnswer> GetAsync(CancellationToken cancel);

    /// <summary>Makes the Lease; <see cref="LeaseAnswer.Conflict"/> if it exists.</summary>
    Task<LeaseAnswer> CreateAsync(LeaseRecord record, CancellationToken cancel);

    /// <summary>Replaces the Lease if it still has the record's <see cref="LeaseRecord.ResourceVersion"/>.</summary>
    Task<LeaseAnswer> UpdateAsync(LeaseRecord record, CancellationToken cancel);
}

/// <summary>
/// A Lease of coordination.k8s.io/v1
/// (<see href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/"/>).
/// </summary>
/// <param name="Holder">Who holds it; empty if nobody does.</param>
/// <param name="Duration">How long it keeps others out after a renewal; whole seconds.</param>
/// <param name="AcquiredAt">When the holder got it, by the holder's clock.</param>
/// <param name="RenewedAt">When the holder renewed it last, by the holder's clock.</param>
/// <param name="Transitions">How often it has changed hands.</param>
/// <param name="ResourceVersion">Changes with every write; empty for one that is to be created.</param>
internal sealed record LeaseRecord(
    string Holder,
    TimeSpan Duration,
    DateTimeOffset? AcquiredAt,
    DateTimeOffset? RenewedAt,
    int Transitions,
    string ResourceVersion)
{
    /// <summary>Where the holder answers questions; null if it does not say so. The store writes its own.</summary>
    public Uri? Address { get; init; }
}

/// <summary>What became of a request about the Lease.</summary>
internal abstract record LeaseAnswer
{
    /// <summary>The Lease as it is now: read, or just written.</summary>
    public sealed record Is(LeaseRecord Record) : LeaseAnswer;

    /// <summary>There is no Lease.</summary>
    public sealed record Missing : LeaseAnswer;

    /// <summary>Somebody else wrote first.</summary>
    public sealed record Conflict : LeaseAnswer;

    /// <summary>No clear answer: the write may or may not have happened.</summary>
    public sealed record Unavailable(string Why) : LeaseAnswer;
}
