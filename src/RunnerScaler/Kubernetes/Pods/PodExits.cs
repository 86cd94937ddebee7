using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>Reads how a runner container ended, and whether its pod was ended from outside.</summary>
internal static class PodExits
{
    /// <summary>Set by Kubernetes on pods that it ends itself.</summary>
    private const string Disruption = "DisruptionTarget";

    /// <param name="status">The pod's status.</param>
    /// <param name="runner">The status of its runner container, if it has one.</param>
    /// <returns>Null while the runner container has not ended and the pod has not either.</returns>
    public static PodExit? Read(JsonElement? status, JsonElement? runner)
    {
        var terminated = runner.Member("state").Member("terminated");
        var ended = status.Text("phase") is "Succeeded" or "Failed";
        if (terminated is null && !ended)
            return null;
        var code = terminated.Number("exitCode");
        var reason = (code == 0 ? null : FromOutside(status))
            ?? terminated.Text("reason")
            ?? (terminated is null ? "NeverStarted" : "Error");
        var said = TerminationMessage.Read(terminated.Text("message"));
        return new PodExit(code, reason, said.RanJob, terminated.Time("finishedAt"))
        {
            Problem = said.Problem,
            Builds = said.Builds,
        };
    }

    // "Evicted", "NodeLost", "Preempting", "NodeShutdown": the pod's own reason says more than its container's 137.
    private static string? FromOutside(JsonElement? status)
    {
        if (status.Text("reason") is { Length: > 0 } reason)
            return reason;
        return PodConditions.Find(status, Disruption).Text("status") == "True" ? "Evicted" : null;
    }
}
