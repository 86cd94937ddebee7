using System.Collections.Immutable;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Sandbox.Scenario;

/// <summary>A workload, and the small world that it is played in.</summary>
internal sealed record ScenarioSpec
{
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    /// <summary>The organisation's repositories, by name.</summary>
    public required ImmutableArray<string> Repositories { get; init; }

    public PoolSettings Pool { get; init; } = new();

    public NodeSettings Nodes { get; init; } = new();

    /// <summary>What happens, in order of its time.</summary>
    public required ImmutableArray<WorkloadStep> Steps { get; init; }

    /// <summary>Rights that are taken from the controller for a while.</summary>
    public ImmutableArray<RightStep> LostRights { get; init; } = [];

    /// <summary>Real time that the whole may take before it counts as failed.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>One run of a workflow.</summary>
/// <param name="At">When it is started, from the beginning.</param>
/// <param name="Repository">Where, by name.</param>
/// <param name="Workflow">Its jobs.</param>
/// <param name="CancelAfter">When its owner cancels it, from its start; null for never.</param>
/// <param name="RerunFailed">Whether its failed jobs are run again once, when it has ended.</param>
internal sealed record WorkloadStep(
    TimeSpan At, string Repository, WorkflowSpec Workflow, TimeSpan? CancelAfter = null, bool RerunFailed = false)
{
    /// <summary>The jobs that it makes, re-run ones included.</summary>
    public int Jobs => Workflow.Jobs.Sum(job =>
        job.JobNames.Count() * (RerunFailed && job.EndsAs == JobConclusion.Failure ? 2 : 1));
}

/// <summary>A right that is taken from the controller, and given back.</summary>
/// <param name="At">When it is taken away, from the beginning.</param>
/// <param name="Until">When it is given back.</param>
/// <param name="Verb">As in RBAC: create, patch, ….</param>
/// <param name="Resource">The plural with its subresource: <c>runnerpools/status</c>.</param>
internal sealed record RightStep(TimeSpan At, TimeSpan Until, string Verb, string Resource);

/// <summary>The pool that serves the organisation.</summary>
internal sealed record PoolSettings
{
    public ImmutableArray<string> Labels { get; init; } = ["self-hosted", "linux", "x64"];

    public int MaxRunners { get; init; } = 40;

    public int Standby { get; init; } = 4;

    /// <summary>Whether a runner scale set tells of its jobs; else the queue is polled.</summary>
    public bool UsesScaleSet { get; init; }

    /// <summary>The mode of its builder; on a server without sidecars, None or Shared.</summary>
    public string Builder { get; init; } = "Sidecar";

    /// <summary>Seconds that an unneeded runner is kept: short, so that the end is seen.</summary>
    public int IdleSeconds { get; init; } = 15;
}

/// <summary>The cluster's nodes.</summary>
internal sealed record NodeSettings
{
    public int Count { get; init; } = 4;

    /// <summary>Pods that fit on one.</summary>
    public int Pods { get; init; } = 60;

    /// <summary>Longest time to pull an image that a node has not seen, in milliseconds.</summary>
    public int PullMilliseconds { get; init; } = 1500;

    /// <summary>Longest time to start a container, in milliseconds.</summary>
    public int StartMilliseconds { get; init; } = 900;
}
