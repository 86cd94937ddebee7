using RunnerImage.Posix;
using RunnerImage.Runner;

namespace RunnerImage.Entrypoint;

/// <summary>Why the entrypoint ended the listener.</summary>
internal enum StopCause
{
    /// <summary>It did not.</summary>
    ByItself,

    /// <summary>The pod was asked to end.</summary>
    Asked,

    /// <summary>The builder cannot be used.</summary>
    BuilderFailed,
}

/// <summary>What the container says at its end.</summary>
/// <param name="Code">
/// The container's exit code: 0 if nothing is wrong with the pod, whatever became of the job. The listener's own codes
/// are kept if it failed, 128 and the signal's number stand for a signal, and sysexits.h has the rest.
/// </param>
/// <param name="Outcome">The same in a word.</param>
/// <param name="RanJob">Whether a job began.</param>
internal readonly record struct ExitReport(int Code, Outcome Outcome, bool RanJob)
{
    public static readonly ExitReport Stopped = new(0, Outcome.Stopped, false);
    public static readonly ExitReport Retired = new(0, Outcome.Retired, false);
    public static readonly ExitReport Refused = new(77, Outcome.Refused, false);
    public static readonly ExitReport BuilderFailed = new(69, Outcome.BuilderFailed, false);
    public static readonly ExitReport Misconfigured = new(78, Outcome.Misconfigured, false);
    public static readonly ExitReport NotStarted = new(126, Outcome.RunnerFailed, false);

    private const int SignalBase = 128;

    /// <summary>Decides after the listener has ended for good.</summary>
    /// <param name="end">Its exit code or the signal that ended it.</param>
    /// <param name="jobBegan">Whether the job-started hook has run.</param>
    /// <param name="ending">Whether we ended it.</param>
    /// <param name="deleted">Whether the listener said that its registration is gone.</param>
    public static ExitReport Of(ProcessEnd end, bool jobBegan, StopCause ending, bool deleted)
    {
        if (end.Signal == 0 && ResultOf(end.Code) is { } result)
            return new ExitReport(0, result, true);
        if (jobBegan)
            return AfterJob(end, ending);
        return ending switch
        {
            StopCause.Asked => Stopped,
            StopCause.BuilderFailed => BuilderFailed,
            _ when end.Signal != 0 => new ExitReport(SignalBase + end.Signal, Outcome.RunnerKilled, false),
            // Not an error of the pod: GitHub removes registrations that idle, and so may people.
            _ when end.Code == ListenerCode.Success || (deleted && end.Code == ListenerCode.Terminated) =>
                new ExitReport(0, Outcome.NoJob, false),
            _ => new ExitReport(end.Code, FailureOf(end.Code), false),
        };
    }

    private static ExitReport AfterJob(ProcessEnd end, StopCause ending)
    {
        var interrupted = ending == StopCause.Asked;
        if (end.Signal != 0)
            return new ExitReport(
                SignalBase + end.Signal, interrupted ? Outcome.JobInterrupted : Outcome.RunnerKilled, true);
        return end.Code == ListenerCode.Success
            ? new ExitReport(0, interrupted ? Outcome.JobInterrupted : Outcome.JobEnded, true)
            : new ExitReport(end.Code, FailureOf(end.Code), true);
    }

    private static Outcome? ResultOf(int code) => code switch
    {
        ListenerCode.Succeeded => Outcome.JobSucceeded,
        ListenerCode.SucceededWithIssues => Outcome.JobSucceededWithIssues,
        ListenerCode.Failed => Outcome.JobFailed,
        ListenerCode.Canceled => Outcome.JobCanceled,
        ListenerCode.Skipped => Outcome.JobSkipped,
        _ => null,
    };

    private static Outcome FailureOf(int code) => code switch
    {
        ListenerCode.VersionDeprecated => Outcome.RunnerOutdated,
        ListenerCode.Abandoned => Outcome.JobAbandoned,
        _ => Outcome.RunnerFailed,
    };
}
