namespace RunnerScaler.Sandbox.GitHub;

/// <summary>
/// The status of a job, least advanced first: a run takes the least status of its jobs. So it reads <c>queued</c> while
/// others of its jobs run (https://github.com/cli/cli/issues/13972), <c>pending</c> while others are queued
/// (https://github.com/skillberry-ai/cap-evolve/pull/228), and <c>waiting</c> while only one of them waits for an
/// approval (https://github.com/Helvesec/rmux/pull/167).
/// </summary>
internal enum JobStatus
{
    Requested,
    Waiting,
    Pending,
    Queued,
    InProgress,
    Completed,
}

/// <summary>How a completed job or run ended.</summary>
internal enum JobConclusion
{
    Success,
    Failure,
    Cancelled,
    Skipped,
    Neutral,
    TimedOut,
    ActionRequired,
}

/// <summary>The words of GitHub's REST interface for statuses and conclusions.</summary>
internal static class WireNames
{
    public static string ToWire(this JobStatus status) => status switch
    {
        JobStatus.Requested => "requested",
        JobStatus.Queued => "queued",
        JobStatus.Pending => "pending",
        JobStatus.Waiting => "waiting",
        JobStatus.InProgress => "in_progress",
        _ => "completed",
    };

    public static string ToWire(this JobConclusion conclusion) => conclusion switch
    {
        JobConclusion.Success => "success",
        JobConclusion.Failure => "failure",
        JobConclusion.Cancelled => "cancelled",
        JobConclusion.Skipped => "skipped",
        JobConclusion.Neutral => "neutral",
        JobConclusion.TimedOut => "timed_out",
        _ => "action_required",
    };

    /// <summary>The lower-case name used by the <c>visibility</c> field of a runner group.</summary>
    public static string ToWire(this GroupVisibility visibility) => visibility switch
    {
        GroupVisibility.All => "all",
        GroupVisibility.Private => "private",
        _ => "selected",
    };
}
