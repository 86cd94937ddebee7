using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>Writes the status of a pod as a kubelet reports it. Pure.</summary>
internal static class PodStatus
{
    /// <summary>The part of <c>status</c> that the node owns, to be merged over what is there.</summary>
    public static JsonObject Write(PodFacts pod, PodTimeline timeline, DateTimeOffset now)
    {
        if (timeline.Rejection is { } rejection)
            return Rejected(rejection, timeline);
        var status = new JsonObject { ["phase"] = Phase(pod, timeline, now) };
        if (timeline.Evicted is { } why)
        {
            status["reason"] = "Evicted";
            status["message"] = why;
        }
        status["conditions"] = ConditionList(pod, timeline, now);
        status["hostIP"] = "10.0.0.1";
        if (now >= timeline.Pulled)
        {
            status["podIP"] = Address(pod.Uid);
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = Address(pod.Uid) });
        }
        status["startTime"] = Meta.Stamp(timeline.Accepted);
        if (pod.InitContainers.Count > 0)
        {
            status["initContainerStatuses"] =
                new JsonArray([.. pod.InitContainers.Select(c => Container(c, InitState(c, timeline, now)))]);
        }
        status["containerStatuses"] =
            new JsonArray([.. pod.Containers.Select(c => Container(c, MainState(pod, c, timeline, now)))]);
        return status;
    }

    // A kubelet says no word of containers that it never made.
    private static JsonObject Rejected(PodRejection rejection, PodTimeline timeline) => new()
    {
        ["phase"] = "Failed",
        ["reason"] = rejection.Reason,
        ["message"] = rejection.Message,
        ["startTime"] = Meta.Stamp(timeline.Accepted),
    };

    private static string Phase(PodFacts pod, PodTimeline timeline, DateTimeOffset now)
    {
        if (timeline.Evicted is not null)
            return "Failed";
        if (timeline.Launched is null)
            return "Pending";
        // Other containers than the program keep the pod running, as they do in a real cluster; sidecars until they
        // have ended too.
        if (timeline.Exit is not { } exit || timeline.Ended > now || (pod.Containers.Count > 1 && !pod.IsDeleting))
            return "Running";
        return exit.Code == 0 ? "Succeeded" : "Failed";
    }

    private static JsonArray ConditionList(PodFacts pod, PodTimeline timeline, DateTimeOffset now)
    {
        var isInitialized = now >= timeline.Initialized && !timeline.Delays.ImageMissing;
        var isReady = timeline is { Launched: not null, Exit: null, Evicted: null };
        var changed = timeline.Exited ?? timeline.Launched ?? timeline.Accepted;
        var reason = Phase(pod, timeline, now) switch
        {
            _ when isReady => null,
            "Succeeded" => "PodCompleted",
            "Failed" => "PodFailed",
            _ => "ContainersNotReady",
        };
        return
        [
            Condition("Initialized", isInitialized, isInitialized ? timeline.Initialized : timeline.Accepted,
                isInitialized ? null : "ContainersNotInitialized"),
            Condition("Ready", isReady, changed, reason),
            Condition("ContainersReady", isReady, changed, reason),
        ];
    }

    private static JsonObject Condition(string type, bool holds, DateTimeOffset since, string? reason)
    {
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = holds ? "True" : "False",
            ["lastTransitionTime"] = Meta.Stamp(since),
        };
        if (reason is not null)
            condition["reason"] = reason;
        return condition;
    }

    private static JsonObject InitState(ContainerFacts container, PodTimeline timeline, DateTimeOffset now)
    {
        if (timeline.Delays.ImageMissing && now >= timeline.Pulled)
            return Waiting("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\"");
        if (now < timeline.Initialized)
            return Waiting("PodInitializing", null);
        if (!container.IsSidecar)
            return Terminated(PodExit.Of(0), timeline.Pulled, timeline.Initialized);
        // With code 1, as BuildKit ends when it is told to: of a sidecar that says nothing about the pod.
        return timeline.Ended is { } ended && ended <= now
            ? Terminated(PodExit.Of(1), timeline.Initialized, ended)
            : Running(timeline.Initialized);
    }

    private static JsonObject MainState(
        PodFacts pod, ContainerFacts container, PodTimeline timeline, DateTimeOffset now)
    {
        if (timeline.Launched is { } launched)
        {
            return timeline is { Exit: { } exit, Exited: { } exited } && (container == pod.Program || pod.IsDeleting)
                ? Terminated(container == pod.Program ? exit : PodExit.Terminated, launched, exited)
                : Running(launched);
        }
        if (timeline.ConfigError is { } error)
            return Waiting("CreateContainerConfigError", error);
        if (timeline.Delays.ImageMissing && now >= timeline.Pulled && pod.InitContainers.Count == 0)
            return Waiting("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\"");
        return Waiting(
            pod.InitContainers.Count > 0 && now < timeline.Initialized ? "PodInitializing" : "ContainerCreating", null);
    }

    private static JsonObject Container(ContainerFacts container, JsonObject state)
    {
        var isRunning = state.ContainsKey("running");
        return new JsonObject
        {
            ["name"] = container.Name,
            ["image"] = container.Image,
            ["imageID"] = "",
            ["ready"] = isRunning || (!container.IsSidecar && state.Text("terminated", "reason") == "Completed"),
            ["started"] = isRunning,
            ["restartCount"] = 0,
            ["state"] = state,
            ["lastState"] = new JsonObject(),
        };
    }

    private static JsonObject Waiting(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
            waiting["message"] = message;
        return new JsonObject { ["waiting"] = waiting };
    }

    private static JsonObject Running(DateTimeOffset since) =>
        new() { ["running"] = new JsonObject { ["startedAt"] = Meta.Stamp(since) } };

    private static JsonObject Terminated(PodExit exit, DateTimeOffset started, DateTimeOffset finished)
    {
        var terminated = new JsonObject
        {
            ["exitCode"] = exit.Code,
            ["reason"] = exit.Reason,
            ["startedAt"] = Meta.Stamp(started),
            ["finishedAt"] = Meta.Stamp(finished),
        };
        if (exit.Message is not null)
            terminated["message"] = exit.Message;
        return new JsonObject { ["terminated"] = terminated };
    }

    private static string Address(string uid)
    {
        var sum = uid.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));
        return $"10.244.{(sum >> 8) & 0xff}.{sum & 0xff}";
    }
}
