namespace RunnerScaler.Control.Ports;

/// <summary>What became of a delivery of GitHub's webhook.</summary>
internal enum WebhookResult
{
    /// <summary>The repository that it names is read at once.</summary>
    Taken,

    /// <summary>This replica does not lead, and passed it on to the one that does, which took it.</summary>
    Passed,

    /// <summary>It has come before.</summary>
    Duplicate,

    /// <summary>Nothing that a runner could take has changed: a job waits for an approval, or for its turn.</summary>
    NoNews,

    /// <summary>GitHub's question whether anybody is there.</summary>
    Ping,

    /// <summary>An event that nobody here asked for.</summary>
    UnknownEvent,

    /// <summary>No pool serves the repository that it names.</summary>
    UnknownRepository,

    /// <summary>It is signed, and no JSON, or names no repository.</summary>
    Unreadable,

    /// <summary>It is not signed, or not with one of our secrets.</summary>
    WrongSignature,

    /// <summary>It is too large, without a length, of another kind than JSON, or did not arrive in time.</summary>
    Refused,

    /// <summary>Too much is being received now, or there is no secret to judge it by.</summary>
    Unavailable,

    /// <summary>This replica does not lead, and the one that does could not be told, or did not take it.</summary>
    NotLeading,
}
