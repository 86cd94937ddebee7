namespace RunnerScaler.Kubernetes.Leading;

/// <summary>Times of an election.</summary>
/// <param name="Lease">How long a lease that nobody renews keeps others out; whole seconds.</param>
/// <param name="Renew">
/// How long after sending its last renewal a leader still leads: clearly less than <paramref name="Lease"/>.
/// </param>
/// <param name="Retry">The pause between tries.</param>
internal sealed record LeaseTimes(TimeSpan Lease, TimeSpan Renew, TimeSpan Retry)
{
    public static readonly LeaseTimes Default =
        new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2));

    /// <summary>One request may take so long: a lost one leaves time for another.</summary>
    public TimeSpan Request => Renew / 2;
}
