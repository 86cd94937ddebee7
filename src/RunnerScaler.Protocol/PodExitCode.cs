namespace RunnerScaler.Protocol;

/// <summary>The container's exit codes that are ours, from sysexits.h and the shell; others are of GitHub's runner.
/// </summary>
internal static class PodExitCode
{
    public const int Fine = 0;

    /// <summary>BuildKit cannot be used.</summary>
    public const int BuilderFailed = 69;

    /// <summary>The controller knows no such runner.</summary>
    public const int Refused = 77;

    /// <summary>A variable or a file of the pod is wrong.</summary>
    public const int Misconfigured = 78;

    /// <summary>GitHub's runner could not be started.</summary>
    public const int NotStarted = 126;

    /// <summary>With the signal's number added: a signal ended GitHub's runner.</summary>
    public const int SignalBase = 128;
}
