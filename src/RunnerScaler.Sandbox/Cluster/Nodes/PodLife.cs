using System.Text.Json.Nodes;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>What a node is to do with a pod now.</summary>
internal enum PodAct
{
    /// <summary>Nothing until <see cref="PodStep.Again"/> or until something happens.</summary>
    Wait,

    /// <summary>Start the program; then set <see cref="PodTimeline.Launched"/>.</summary>
    Launch,

    /// <summary>Send SIGTERM; then set <see cref="PodTimeline.StopSent"/>.</summary>
    Stop,

    /// <summary>Send SIGKILL; then set <see cref="PodTimeline.Exit"/>.</summary>
    Kill,

    /// <summary>Delete the pod object with a grace period of 0.</summary>
    Remove,
}

/// <summary>The next step in a pod's life.</summary>
/// <param name="Status">The status to report before acting; the same as before when nothing changed.</param>
/// <param name="Again">When to look again though nothing happens; null for never.</param>
internal sealed record PodStep(JsonObject Status, PodAct Act, DateTimeOffset? Again = null);

/// <summary>
/// What a kubelet does with a pod, as a pure function of what it knows and of now. Restart policies other than Never
/// are taken as Never. See https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/.
/// </summary>
internal static class PodLife
{
    /// <summary>The next step for a pod that is bound to this node.</summary>
    public static PodStep Next(PodFacts pod, PodTimeline timeline, DateTimeOffset now)
    {
        var status = PodStatus.Write(pod, timeline.ByNodesClock, now + timeline.ClockAhead);
        if (pod.IsDeleting)
            return Ending(pod, timeline, now, status);
        if (timeline.Exit is not null)
            return new PodStep(status, PodAct.Wait, timeline.Ended > now ? timeline.Ended : null);
        if (timeline.Evicted is not null)
            return new PodStep(status, PodAct.Kill);
        if (timeline.Launched is not null || timeline.Rejection is not null
            || (timeline.Delays.ImageMissing && now >= timeline.Pulled))
            return new PodStep(status, PodAct.Wait);
        if (now < timeline.Pulled)
            return new PodStep(status, PodAct.Wait, timeline.Pulled);
        if (now < timeline.Initialized)
            return new PodStep(status, PodAct.Wait, timeline.Initialized);
        return now < timeline.Startable
            ? new PodStep(status, PodAct.Wait, timeline.Startable)
            : new PodStep(status, PodAct.Launch);
    }

    private static PodStep Ending(PodFacts pod, PodTimeline timeline, DateTimeOffset now, JsonObject status)
    {
        if (timeline.Launched is null || timeline.Ended <= now || (timeline.Exit is not null && now >= pod.Deadline))
            return new PodStep(status, PodAct.Remove);
        if (timeline.Exit is not null)
            return new PodStep(status, PodAct.Wait, timeline.Ended < pod.Deadline ? timeline.Ended : pod.Deadline);
        if (now >= pod.Deadline)
            return new PodStep(status, PodAct.Kill);
        return new PodStep(status, timeline.StopSent ? PodAct.Wait : PodAct.Stop, pod.Deadline);
    }
}
