namespace RunnerScaler.Scaling.Runners;

/// <summary>
/// What only this process knows of a pod: its claims, and what GitHub said of its registration. Lost at a restart, and
/// found again by asking; nothing that keeps a promise depends on it alone.
/// </summary>
internal sealed record RunnerNote
{
    public static readonly RunnerNote None = new();

    /// <summary>When it first claimed.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>Whether a claim of it is held open now.</summary>
    public bool Waiting { get; init; }

    /// <summary>
    /// When its last claim ended without an identity, or when it was then told to come again, which may be yet to come:
    /// it is expected to claim again soon after that.
    /// </summary>
    public DateTimeOffset? LeftAt { get; init; }

    /// <summary>The identity that we gave it, or are giving it.</summary>
    public Grant? Grant { get; init; }

    /// <summary>
    /// The name on the annotation that was last taken off the pod: the watch may still show it for a while.
    /// </summary>
    public string? TakenBack { get; init; }

    /// <summary>Whether that identity is still being made.</summary>
    public bool GrantInFlight { get; init; }

    /// <summary>The number of the last identity that was tried; 0 for none.</summary>
    public int Attempt { get; init; }

    /// <summary>
    /// Before this its pod is given no identity: the API server has refused, so many times in a row, to write one on
    /// it.
    /// </summary>
    public DateTimeOffset? GrantNotBefore { get; init; }

    /// <inheritdoc cref="GrantNotBefore"/>
    public int GrantRefusals { get; init; }

    /// <summary>Whether that identity is written on its pod, as far as is known.</summary>
    public bool Written { get; init; }

    /// <summary>Whether that identity is not needed any more, and GitHub need not be asked for it.</summary>
    public bool Withdrawn { get; init; }

    /// <summary>Whether GitHub was asked to register it.</summary>
    public bool Requested { get; init; }

    /// <summary>GitHub's id of its registration.</summary>
    public long? RunnerId { get; init; }

    /// <summary>When GitHub registered it.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>When GitHub last said how the registration does, and what it said (null: there is none).</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    public Registration? Seen { get; init; }

    /// <summary>
    /// GitHub is to say anew how the registration does, unless it has since this time; null if nobody asks.
    /// </summary>
    public DateTimeOffset? CheckFrom { get; init; }

    /// <summary>
    /// When GitHub first refused to delete it, or showed it, as busy. Cleared when GitHub says otherwise.
    /// </summary>
    public DateTimeOffset? BusySince { get; init; }

    /// <summary>What its pod last made us ask GitHub; null for nothing yet.</summary>
    public PodCall? Call { get; init; }

    /// <summary>Why we are removing it; null while we are not.</summary>
    public OutcomeKind? Retiring { get; init; }

    /// <summary>
    /// Why it was told to end; kept when the removal is given up because its pod has changed, which may be its end.
    /// </summary>
    public OutcomeKind? Dismissed { get; init; }

    /// <summary>Whether we have marked its pod as not to be evicted.</summary>
    public bool Protected { get; init; }

    /// <summary>Whether we have written on its pod that it has a job.</summary>
    public bool JobWritten { get; init; }

    /// <summary>The id of the job that we have written on its pod for people; null while there is none.</summary>
    public long? DescribedJob { get; init; }

    /// <summary>Whether its registration is deleted, or given to the sweep to be deleted.</summary>
    public bool Deregistered { get; init; }

    /// <summary>Whether its registration was deleted before it had a job.</summary>
    public bool GivenBack { get; init; }

    /// <summary>Whether the board has ever shown its job.</summary>
    public bool JobSeen { get; init; }

    /// <summary>Whether we are deleting, or have deleted, its pod.</summary>
    public bool Removed { get; init; }

    /// <summary>Whether it was told that what is written on its pod does not fit.</summary>
    public bool MisfitTold { get; init; }

    /// <summary>Whether its overdue job was reported.</summary>
    public bool OverdueReported { get; init; }
}
