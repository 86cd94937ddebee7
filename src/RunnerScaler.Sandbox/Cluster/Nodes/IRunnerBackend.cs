using RunnerScaler.Protocol;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>GitHub as a runner sees it.</summary>
internal interface IRunnerBackend
{
    /// <summary>Brings a runner online with its JIT configuration.</summary>
    /// <exception cref="RunnerRefusedException">The registration does not exist (any more) or is in use.</exception>
    Task<IRunnerSession> ConnectAsync(string jitConfig, CancellationToken stop);
}

/// <summary>A runner that is online. Disposing it takes the runner offline in good order.</summary>
internal interface IRunnerSession : IAsyncDisposable
{
    /// <summary>
    /// Waits for the one job. False when there will be none: the registration was removed. Cancelling
    /// <paramref name="stop"/> throws <see cref="OperationCanceledException"/>.
    /// </summary>
    Task<bool> WaitForJobAsync(CancellationToken stop);

    /// <summary>
    /// Runs the job to its end and reports its conclusion; cancelling <paramref name="stop"/> makes it end soon, as
    /// cancelled. The result is the exit code of the runner.
    /// </summary>
    /// <exception cref="RunnerKilledException">The job has killed the whole container.</exception>
    Task<int> RunAsync(CancellationToken stop);

    /// <summary>The job that has run.</summary>
    JobReport Job { get; }

    /// <summary>The image builds of the job that has run.</summary>
    IReadOnlyList<Build> Builds { get; }

    /// <summary>The process is killed: the connection breaks without a word, whatever it was doing.</summary>
    void Abandon();
}

/// <summary>GitHub does not take the runner; the message says why, without secrets.</summary>
internal sealed class RunnerRefusedException(string message) : Exception(message);

/// <summary>A job has killed the container that it ran in.</summary>
internal sealed class RunnerKilledException : Exception;
