using System.Text.Json;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>What a pod's conditions and waiting containers say.</summary>
internal static class PodConditions
{
    /// <summary>Reasons that say only that an earlier container is not done yet.</summary>
    private static readonly string[] Vague = ["PodInitializing", "ContainerCreating"];

    public static JsonElement? Find(JsonElement? status, string type)
    {
        foreach (var condition in status.Each("conditions"))
            if (condition.Text("type") == type)
                return condition;
        return null;
    }

    /// <summary>Why the pod does not start: no node, or else the most telling of its waiting containers.</summary>
    public static (string? Reason, string? Message) Waiting(JsonElement? status, JsonElement? scheduled)
    {
        if (scheduled.Text("status") == "False")
            return (scheduled.Text("reason") ?? "Unschedulable", scheduled.Text("message"));
        (string? Reason, string? Message) vague = default;
        foreach (var container in status.Each("initContainerStatuses").Concat(status.Each("containerStatuses")))
        {
            var waiting = container.Member("state").Member("waiting");
            if (waiting.Text("reason") is not { } reason)
                continue;
            if (!Vague.Contains(reason))
                return (reason, waiting.Text("message"));
            vague = vague.Reason is null ? (reason, waiting.Text("message")) : vague;
        }
        return vague;
    }
}
