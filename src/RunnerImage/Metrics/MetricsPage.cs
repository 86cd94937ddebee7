using System.Globalization;
using System.Text;
using RunnerImage.Entrypoint;
using RunnerScaler.Protocol;

namespace RunnerImage.Metrics;

/// <summary>The pod's own metrics in Prometheus' text format 0.0.4: <c>docs/metrics.md</c>.</summary>
internal static class MetricsPage
{
    /// <summary>What every name begins with.</summary>
    public const string Prefix = "runnerscaler_pod_";

    /// <param name="hasBuilder">Whether the pod has a builder of its own.</param>
    /// <param name="phases">How long the parts of the start took.</param>
    /// <param name="builds">The builds so far.</param>
    public static string Render(bool hasBuilder, Phases phases, IReadOnlyList<Build> builds)
    {
        var page = new StringBuilder();
        Begin(page, "phase_seconds", "gauge", "How long a part of the pod's start took.");
        Phase(page, "builder", phases.Builder);
        Phase(page, "claim", phases.Claim);
        Phase(page, "listener", phases.Listener);
        if (hasBuilder)
        {
            Begin(page, "builder_ready", "gauge", "1 once the pod's builder has listened, else 0.");
            Sample(page, "builder_ready", "", phases.Builder is null ? 0 : 1);
        }

        var groups = builds.GroupBy(b => (Command: Word.Lower(b.Command), Result: Word.Lower(b.Result)))
            .OrderBy(g => g.Key.Command, StringComparer.Ordinal).ThenBy(g => g.Key.Result, StringComparer.Ordinal)
            .ToArray();
        Total(page, groups, "builds_total", "Builds that have ended.", g => g.Count());
        Total(page, groups, "build_seconds_total", "How long they took together.",
            g => g.Sum(b => b.Time.TotalSeconds));
        Total(page, groups, "build_steps_total", "Steps of builds, as far as known.", g => g.Sum(b => b.Steps ?? 0));
        Total(page, groups, "build_cached_steps_total", "Those of the steps that came from a cache.",
            g => g.Sum(b => b.CachedSteps ?? 0));
        return page.ToString();
    }

    private static void Total(StringBuilder page, IGrouping<(string Command, string Result), Build>[] groups,
        string name, string meaning, Func<IEnumerable<Build>, double> sum)
    {
        Begin(page, name, "counter", meaning);
        foreach (var group in groups)
            Sample(page, name, $"{{command=\"{group.Key.Command}\",result=\"{group.Key.Result}\"}}", sum(group));
    }

    private static void Phase(StringBuilder page, string phase, TimeSpan? time)
    {
        if (time is { } value)
            Sample(page, "phase_seconds", $"{{phase=\"{phase}\"}}", value.TotalSeconds);
    }

    private static void Begin(StringBuilder page, string name, string type, string meaning) => page
        .Append("# HELP ").Append(Prefix).Append(name).Append(' ').Append(meaning).Append('\n')
        .Append("# TYPE ").Append(Prefix).Append(name).Append(' ').Append(type).Append('\n');

    private static void Sample(StringBuilder page, string name, string labels, double value) => page
        .Append(Prefix).Append(name).Append(labels).Append(' ')
        .Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
}
