using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Ports;

/// <summary>Listens to GitHub's scale sets. What goes wrong is a result; only cancellation throws.</summary>
internal interface IScaleSetSource
{
    /// <summary>
    /// Finds the scale set, or makes it, brings its labels up to date, and opens its session: GitHub lets one be open
    /// at a time.
    /// </summary>
    /// <param name="set">The set as it should be.</param>
    /// <param name="owner">Who listens, for people.</param>
    /// <param name="cancel">Ends the try.</param>
    Task<OpenResult> OpenAsync(ScaleSet set, string owner, CancellationToken cancel);
}

/// <summary>An open session. One caller at a time; once it is gone it stays gone.</summary>
internal interface IScaleSetSession
{
    /// <summary>Waits for the next message: up to a minute.</summary>
    /// <param name="capacity">How many jobs the set may have in all.</param>
    /// <param name="cancel">Ends the wait; what comes meanwhile comes again.</param>
    Task<PollResult> PollAsync(int capacity, CancellationToken cancel);

    /// <summary>The message has been dealt with, and need not come again.</summary>
    /// <returns>Why it will come again; null if it will not.</returns>
    Task<Problem?> AcknowledgeAsync(long message, CancellationToken cancel);

    /// <summary>Asks for jobs that GitHub does not assign by itself.</summary>
    /// <returns>Whether it was answered: what was not given is another's.</returns>
    Task<bool> AcquireAsync(ImmutableArray<long> requests, CancellationToken cancel);

    /// <summary>Lets the next one listen at once. Best effort.</summary>
    Task CloseAsync(CancellationToken cancel);
}

/// <summary>A scale set as it should be.</summary>
/// <param name="Target">Where it is.</param>
/// <param name="Name">Its name there.</param>
/// <param name="RunnerGroup">Its runner group; null for the default one.</param>
/// <param name="Labels">What jobs may ask for besides its name.</param>
internal sealed record ScaleSet(RegistrationTarget Target, string Name, string? RunnerGroup, LabelSet Labels);

/// <summary>What became of opening a session.</summary>
internal abstract record OpenResult
{
    public sealed record Listening(IScaleSetSession Session, ScaleSetStatistics Statistics) : OpenResult;

    /// <summary>Another session is open.</summary>
    public sealed record Held(Problem Problem) : OpenResult;

    public sealed record Failed(Problem Problem) : OpenResult;
}

/// <summary>What a wait for a message came to.</summary>
internal abstract record PollResult
{
    public sealed record Came(ScaleSetMessage Message) : PollResult;

    /// <summary>There was none.</summary>
    public sealed record Nothing : PollResult;

    /// <summary>The session, or the set, is not there any more.</summary>
    public sealed record Gone(Problem Problem) : PollResult;

    public sealed record Failed(Problem Problem) : PollResult;
}
