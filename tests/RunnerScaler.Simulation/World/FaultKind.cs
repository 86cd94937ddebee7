namespace RunnerScaler.Simulation.World;

/// <summary>What goes wrong on purpose, by kind; each has to be met by some of the seeds that are run.</summary>
internal enum FaultKind
{
    // The network.
    RequestRefused,
    ReplyLost,
    RequestHangs,
    WatchBroken,
    HistoryCompacted,

    // GitHub.
    GitHubHangs,
    AccountUnread,
    RepositoryUnread,
    RepositoryStale,
    LimitUsedUp,
    RegistrationRefused,
    RegistrationRemoved,
    GroupClosed,
    JobHeld,

    // The API server.
    RightTakenAway,
    RequestDenied,
    QuotaUsedUp,
    WebhookFails,
    Throttled,
    Conflicts,
    TokenNotTaken,
    ServerFails,

    // What others write.
    PoolDeleted,
    PoolDeletedLast,
    PoolOrphaned,
    NamespaceDeleted,
    SpecUnreadable,
    MarkForged,
    WordsForged,
    SlotSquatted,

    // Nodes and pods.
    PodRejected,
    ReportedLate,
    NodeClockWrong,
    NodeLost,
    PodEvicted,
    PodCrashed,
    PodSlow,
    EntrypointKilled,

    // Our own processes.
    ReplicaCrashed,
    ReplicaPaused,
    ReplicaReplaced,
    ClockSkewed,
}
