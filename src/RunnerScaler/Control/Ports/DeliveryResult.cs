namespace RunnerScaler.Control.Ports;

/// <summary>What came of an entry in the log of an App's deliveries, or of reading it.</summary>
internal enum DeliveryResult
{
    /// <summary>The repository that it names is read at once.</summary>
    Taken,

    /// <summary>It tells of no job that was queued.</summary>
    NoNews,

    /// <summary>No pool serves the repository that it names.</summary>
    UnknownRepository,

    /// <summary>More came at once than is read; counted once for all that was left.</summary>
    Skipped,

    /// <summary>The log could not be read this time.</summary>
    Unread,

    /// <summary>The App has no webhook, and so no log.</summary>
    NoWebhook,
}
