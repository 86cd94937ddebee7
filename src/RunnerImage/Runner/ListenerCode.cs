namespace RunnerImage.Runner;

/// <summary>
/// Exit codes of GitHub's listener (https://github.com/actions/runner: <c>Constants.Runner.ReturnCode</c> and
/// <c>TaskResultUtil</c>).
/// </summary>
internal static class ListenerCode
{
    public const int Success = 0;
    public const int Terminated = 1;

    /// <summary>It may be started again: GitHub's own script does so.</summary>
    public const int Retryable = 2;

    /// <summary>It updates itself and is to be started again when that is done.</summary>
    public const int Updating = 3;

    /// <inheritdoc cref="Updating"/>
    public const int UpdatingOnce = 4;

    /// <summary>GitHub takes no jobs from runners of this version any more.</summary>
    public const int VersionDeprecated = 7;

    public const int Succeeded = 100;
    public const int SucceededWithIssues = 101;
    public const int Failed = 102;
    public const int Canceled = 103;
    public const int Skipped = 104;

    /// <summary>The job was given to the runner, and the runner could not begin it.</summary>
    public const int Abandoned = 105;
}
