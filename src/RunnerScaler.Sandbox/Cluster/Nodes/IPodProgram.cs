namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>How the main container of a pod ended.</summary>
/// <param name="Reason">What Kubernetes calls it: Completed, Error, OOMKilled.</param>
/// <param name="Message">What the container wrote to its termination log.</param>
internal sealed record PodExit(int Code, string Reason, string? Message = null)
{
    /// <summary>SIGKILL, by whomever.</summary>
    public static PodExit Killed { get; } = new(137, "Error");

    /// <summary>Killed because it used more memory than its limit.</summary>
    public static PodExit OutOfMemory { get; } = new(137, "OOMKilled");

    /// <summary>Ended by SIGTERM, which it did not handle.</summary>
    public static PodExit Terminated { get; } = new(143, "Error");

    public static PodExit Of(int code, string? message = null) =>
        new(code, code == 0 ? "Completed" : "Error", message);
}

/// <summary>What runs in the main container of a pod, as a model.</summary>
internal interface IPodProgram
{
    /// <summary>
    /// Runs from the start of the container to its end. <paramref name="stop"/> is SIGTERM: end soon.
    /// <see cref="PodContext.Killed"/> is SIGKILL: do nothing more at all; what is returned then is ignored.
    /// </summary>
    Task<PodExit> RunAsync(PodContext context, CancellationToken stop);
}
