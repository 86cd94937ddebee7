using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>Reads how a runner container ended, and whether its pod was ended from outside.</summary>
internal static class PodExits
{
    /// <summary>Set on pods that Kubernetes ends itself.</summary>
    private const string Disruption = "DisruptionTarget";

    private const int LongestReason = 64;

    /// <summary>
    /// GitHub's listener ends so when its version is not taken any more; programs of others pass it on.
    /// </summary>
    private const int Outdated = 7;

    /// <param name="status">The pod's status.</param>
    /// <param name="runner">The status of its runner container, if it has one.</param>
    /// <returns>Null while the runner container has not ended and the pod has not either.</returns>
    public static PodExit? Read(JsonElement? status, JsonElement? runner)
    {
        var terminated = runner.Member("state").Member("terminated");
        var hasFailed = status.Text("phase") == "Failed";
        if (terminated is null && !hasFailed && status.Text("phase") != "Succeeded")
            return null;
        var code = terminated.Number("exitCode");
        var outside = code == 0 ? null : FromOutside(status);
        var reason = outside ?? terminated.Text("reason") ?? (terminated is null ? "NeverStarted" : "Error");
        var said = TerminationMessage.Read(terminated.Text("message"));
        return new PodExit(code, PlainText.Line(reason, LongestReason), said.RanJob, terminated.Time("finishedAt"))
        {
            FromOutside = outside is not null,
            NeverRan = hasFailed && StartOf(runner) is null && (outside is not null || terminated is null),
            Message = outside is not null ? MessageOf(status) : null,
            Problem = said.Problem,
            Outcome = code == Outdated ? ExitOutcome.RunnerOutdated : said.Outcome,
            Job = said.Job,
            BuilderTook = said.Start.Builder,
            Builds = said.Builds,
            Unreadable = said.Unreadable,
        };
    }

    /// <summary>When the runner container began to run; null while it has not.</summary>
    public static DateTimeOffset? StartOf(JsonElement? runner)
    {
        var state = runner.Member("state");
        var at = state.Member("running").Time("startedAt") ?? state.Member("terminated").Time("startedAt");

        // What could not be started is shown as ended, and as started when the epoch was.
        return at?.ToUnixTimeSeconds() > 0 ? at : null;
    }

    // "Evicted", "NodeLost", "OutOfcpu", …: the pod's own reason says more than its container's 137.
    private static string? FromOutside(JsonElement? status)
    {
        if (status.Text("reason") is { Length: > 0 } reason)
            return reason;
        return PodConditions.Find(status, Disruption).Text("status") == "True" ? "Evicted" : null;
    }

    private static string? MessageOf(JsonElement? status) =>
        (status.Text("message") ?? PodConditions.Find(status, Disruption).Text("message")) is { Length: > 0 } message
            ? PlainText.Line(message, PodReader.LongestMessage)
            : null;
}
