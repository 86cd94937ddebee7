namespace RunnerScaler.Simulation.Reading;

/// <summary>The kinds of things that go wrong between the controller and GitHub's REST interface.</summary>
internal enum ReadingFault
{
    ServerError,
    Html,
    Throttled,
    Forbidden,
    NotFound,
    Invalid,
    BrokenJson,
    Hang,
    LateServerError,
    LostReply,
    TokenReplication,
    ShortPage,
    RetryAfterDate,
    RetryAfterText,
    HintLost,
    HintTwice,
    HintLate,
    HintFalse,
    LogLost,
    LogTwice,
    LogLate,
}
