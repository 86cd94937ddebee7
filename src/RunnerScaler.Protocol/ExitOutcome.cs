namespace RunnerScaler.Protocol;

/// <summary>How the program in the pod says it ended: the word <c>outcome</c> of the termination message.</summary>
internal enum ExitOutcome
{
    /// <summary>The job was done, and what came of it is not known.</summary>
    JobEnded,
    JobSucceeded,
    JobSucceededWithIssues,
    JobFailed,
    JobCanceled,
    JobSkipped,

    /// <summary>GitHub gave a job that the runner could not begin.</summary>
    JobAbandoned,

    /// <summary>The job was still running when the pod's grace period was over.</summary>
    JobInterrupted,

    /// <summary>The runner ended by itself without having had a job: its registration was removed.</summary>
    NoJob,

    /// <summary>The pod was asked to end before a job began.</summary>
    Stopped,

    /// <summary>The controller did not need the pod any more.</summary>
    Retired,

    /// <summary>The controller knows no such runner.</summary>
    Refused,

    /// <summary>BuildKit could not be used, and no job had begun.</summary>
    BuilderFailed,

    /// <summary>A variable or a file of the pod is wrong.</summary>
    Misconfigured,

    /// <summary>GitHub's runner failed, or could not be started.</summary>
    RunnerFailed,

    /// <summary>GitHub's runner was killed.</summary>
    RunnerKilled,

    /// <summary>GitHub takes no jobs from runners of this version any more.</summary>
    RunnerOutdated,
}
