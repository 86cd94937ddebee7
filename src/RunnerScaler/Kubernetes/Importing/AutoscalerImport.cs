using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>A <c>HorizontalRunnerAutoscaler</c>, as limits and warmth of the pool that it scales.</summary>
internal static class AutoscalerImport
{
    private const int LongestIdle = 7 * 24 * 3600;
    private const int MostSchedules = 50;

    private static readonly string[] Read =
    [
        "scaleTargetRef", "minReplicas", "maxReplicas", "scaleDownDelaySecondsAfterScaleOut", "metrics",
        "scaleUpTriggers", "capacityReservations", "scheduledOverrides", "githubAPICredentialsFrom",
    ];

    /// <summary>Whether it scales that object.</summary>
    public static bool Scales(ArcObject autoscaler, ArcObject target)
    {
        var reference = autoscaler.Spec.Fields("scaleTargetRef");
        return autoscaler.Namespace == target.Namespace && reference.Text("name") == target.Name
            && (reference.Text("kind") ?? ArcKinds.Deployment) == target.Kind;
    }

    public static void Apply(ArcObject autoscaler, PoolDraft draft, ImportOptions options)
    {
        var spec = autoscaler.Spec;
        var least = spec.Count("minReplicas") ?? 0;
        Counts.Set(draft, spec.Count("maxReplicas"), least, options);
        if (least > 0)
            draft.Note("minReplicas became warm.standby: ready pods beside those with a job, where ARC counted both.");
        if (spec.Count("scaleDownDelaySecondsAfterScaleOut") is > 0 and var delay)
            draft.Spec["deadlines"] = new JsonObject { ["idle"] = $"{Math.Min(delay, LongestIdle)}s" };
        SetSchedules(spec, draft, least);
        if (spec.Objects("metrics").Any() || spec.Objects("scaleUpTriggers").Any())
            draft.Note("metrics and scaleUpTriggers were left out: the queue itself is read, for every job; no "
                + "webhook server is "
                + "needed.");
        var repositories = spec.Objects("metrics").SelectMany(m => m.Texts("repositoryNames")).Distinct().ToArray();
        if (repositories.Length > 0)
            draft.Note($"ARC looked at the repositories {string.Join(", ", repositories.Take(10)).Quote(300)} alone; "
                + "the pool "
                + "serves all that its runner group is open to: set spec.github.serves[].repositories to restrict it.");
        if (spec.Objects("capacityReservations").Any())
            draft.Note("capacityReservations were left out: they were ARC's own book-keeping.");
        draft.NoteUnread(spec, $"{ArcKinds.Autoscaler}.spec.", Read);
    }

    private static void SetSchedules(JsonObject spec, PoolDraft draft, int least)
    {
        var windows = new JsonArray();
        foreach (var planned in spec.Objects("scheduledOverrides"))
            if (WindowOf(planned, least) is { } window && windows.Count < MostSchedules)
                windows.Add((JsonNode)window);
            else
                draft.Note($"The scheduled override from {planned.Text("startTime").Quote()} to "
                    + $"{planned.Text("endTime").Quote()} was left out: spec.warm.schedules has daily and weekly "
                    + "windows of at "
                    + "most a day, without an end, that raise warm.standby and never lower it.");
        if (windows.Count > 0)
            draft.Part("warm")["schedules"] = windows;
    }

    /// <summary>The same window in UTC; null if a schedule cannot say it.</summary>
    private static JsonObject? WindowOf(JsonObject planned, int least)
    {
        var rule = planned.Fields("recurrenceRule");
        if (planned.Count("minReplicas") is not { } standby || standby <= least || rule.Text("untilTime") is not null
            || rule.Text("frequency") is not ("Daily" or "Weekly")
            || Time(planned.Text("startTime")) is not { } start || Time(planned.Text("endTime")) is not { } end
            || end <= start || end - start > TimeSpan.FromDays(1))
            return null;
        var window = new JsonObject
        {
            ["from"] = start.ToString("HH:mm", CultureInfo.InvariantCulture),
            ["to"] = end.ToString("HH:mm", CultureInfo.InvariantCulture),
            ["standby"] = standby,
        };
        if (rule.Text("frequency") == "Weekly")
            window["days"] = new JsonArray(start.ToString("ddd", CultureInfo.InvariantCulture));
        return window;
    }

    private static DateTime? Time(string? text) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.UtcDateTime : null;
}
