namespace RunnerScaler.Scaling.Runners;

/// <summary>
/// When this process first saw a pod, and what it shows, by its own clock. Clocks of nodes, of the API server and of
/// other replicas may be far off: what is waited for is counted from here.
/// </summary>
/// <param name="Pod">The pod itself.</param>
internal readonly record struct FirstSeen(DateTimeOffset Pod)
{
    /// <summary>
    /// That it has a node and its runner container does not run yet; null if that was not seen: its start is older.
    /// </summary>
    public DateTimeOffset? Scheduled { get; init; }

    /// <summary>The identity that it has.</summary>
    public DateTimeOffset? Grant { get; init; }

    /// <summary>That it was asked to go.</summary>
    public DateTimeOffset? Leaving { get; init; }

    /// <summary>That its runner has ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The pod as it is now, with what was seen of it before.</summary>
    /// <param name="before">The pod of that name as it was seen last; null if there was none.</param>
    /// <param name="now">The pod.</param>
    /// <param name="at">The present time.</param>
    public static PodFacts Note(PodFacts? before, PodFacts now, DateTimeOffset at)
    {
        var (known, seen) = before is not null && before.Uid == now.Uid
            ? (before, before.Seen)
            : (null, new FirstSeen(at));
        return now with
        {
            Seen = seen with
            {
                Scheduled = seen.Scheduled ?? (now is { ScheduledAt: not null, StartedAt: null } ? at : null),
                Grant = now.ClaimAnnotation is null ? null : now.ClaimAnnotation == known?.ClaimAnnotation ? seen.Grant
                    : at,
                Leaving = now.DeletingSince is null ? null : seen.Leaving ?? at,
                Ended = now.HasEnded ? seen.Ended ?? at : null,
            },
        };
    }
}
