using RunnerImage.Posix;
using RunnerImage.Runner;
using RunnerScaler.Protocol;

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
internal readonly record struct ExitReport(int Code, ExitOutcome Outcome, bool RanJob)
{
    public static readonly ExitReport Stopped = new(PodExitCode.Fine, ExitOutcome.Stopped, false);
    public static readonly ExitReport Retired = new(PodExitCode.Fine, ExitOutcome.Retired, false);
    public static readonly ExitReport Refused = new(PodExitCode.Refused, ExitOutcome.Refused, false);
    public static readonly ExitReport BuilderFailed = new(PodExitCode.BuilderFailed, ExitOutcome.BuilderFailed, false);
    public static readonly ExitReport Misconfigured = new(PodExitCode.Misconfigured, ExitOutcome.Misconfigured, false);
    public static readonly ExitReport NotStarted = new(PodExitCode.NotStarted, ExitOutcome.RunnerFailed, false);

    /// <summary>Decides after the listener has ended for good.</summary>
    /// <param name="end">Its exit code or the signal that ended it.</param>
    /// <param name="jobBegan">Whether the job-started hook has run.</param>
    /// <param name="ending">Whether we ended it.</param>
    /// <param name="deleted">Whether the listener said that its registration is gone.</param>
    public static ExitReport Of(ProcessEnd end, bool jobBegan, StopCause ending, bool deleted)
    {
        if (end.Signal == 0 && ResultOf(end.Code) is { } result)
            return new ExitReport(PodExitCode.Fine, result, true);
        if (jobBegan)
            return AfterJob(end, ending);
        return ending switch
        {
            StopCause.Asked => Stopped,
            StopCause.BuilderFailed => BuilderFailed,
            _ when end.Signal != 0 =>
                new ExitReport(PodExitCode.SignalBase + end.Signal, ExitOutcome.RunnerKilled, false),
            // Not an error of the pod: GitHub removes registrations that idle, and so may people.
            _ when end.Code == ListenerCode.Success || (deleted && end.Code == ListenerCode.Terminated) =>
                new ExitReport(PodExitCode.Fine, ExitOutcome.NoJob, false),
            _ => new ExitReport(end.Code, FailureOf(end.Code), false),
        };
    }

    private static ExitReport AfterJob(ProcessEnd end, StopCause ending)
    {
        var interrupted = ending == StopCause.Asked;
        if (end.Signal != 0)
            return new ExitReport(
                PodExitCode.SignalBase + end.Signal,
                interrupted ? ExitOutcome.JobInterrupted : ExitOutcome.RunnerKilled, true);
        return end.Code == ListenerCode.Success
            ? new ExitReport(PodExitCode.Fine, interrupted ? ExitOutcome.JobInterrupted : ExitOutcome.JobEnded, true)
            : new ExitReport(end.Code, FailureOf(end.Code), true);
    }

    private static ExitOutcome? ResultOf(int code) => code switch
    {
        ListenerCode.Succeeded => ExitOutcome.JobSucceeded,
        ListenerCode.SucceededWithIssues => ExitOutcome.JobSucceededWithIssues,
        ListenerCode.Failed => ExitOutcome.JobFailed,
        ListenerCode.Canceled => ExitOutcome.JobCanceled,
        ListenerCode.Skipped => ExitOutcome.JobSkipped,
        _ => null,
    };

    private static ExitOutcome FailureOf(int code) => code switch
    {
        ListenerCode.VersionDeprecated => ExitOutcome.RunnerOutdated,
        ListenerCode.Abandoned => ExitOutcome.JobAbandoned,
        _ => ExitOutcome.RunnerFailed,
    };
}
