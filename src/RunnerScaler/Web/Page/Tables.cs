using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Web.Page;

/// <summary>The rows of the status page's tables. Each begins with its key, by which a changed one is found.</summary>
internal static class Tables
{
    public static Html Of(QueueRow row) => Html.Of(
        $"<tr role=\"row\" data-key=\"{row.Key}\"><th role=\"rowheader\">{Elements.Job(row.Job, row.Run)}</th>"
        + $"<td role=\"cell\">{row.Pool.ToString()}</td>"
        + $"<td role=\"cell\">{Elements.Chip(row.IsServed ? "starting" : "waiting", row.Reason.ToString())}"
        + $"{Note(row.Sentence)}</td>"
        + $"<td role=\"cell\" class=\"number\">{Elements.Time(row.QueuedAt)}</td>"
        + $"<td role=\"cell\">{Elements.Copy(row.Explain, $"job {row.Job.Name}")}</td></tr>");

    public static Html Of(RunnerRow row) => Html.Of(
        $"<tr role=\"row\" data-key=\"{row.Key}\"><th role=\"rowheader\">{row.Pod}"
        + $"<small>{row.Pool.Namespace}</small></th>"
        + $"<td role=\"cell\">{Elements.Chip(Elements.KindOf(row.State), row.State.ToString())} "
        + $"<span class=\"since\">{Elements.Time(row.Since)}</span>"
        + $"{Note(row.Trouble?.Sentence, row.Trouble?.Remedy)}</td>"
        + $"<td role=\"cell\">{(row.Job is { } job ? Elements.Job(job, row.Run) : Absent)}</td>"
        + $"<td role=\"cell\">{(row.Node is { } node ? Elements.Foreign(node) : Absent)}</td>"
        + $"<td role=\"cell\" class=\"number\">{Elements.Time(row.Begun)}</td>"
        + $"<td role=\"cell\">{Elements.Copy(row.Explain, $"pod {row.Pod}")}</td></tr>");

    public static Html Of(EndRow row)
    {
        var end = row.End;
        var kind = row.IsBad ? "bad" : end.Outcome == OutcomeKind.RanJob ? "good" : "finishing";
        return Html.Of(
            $"<tr role=\"row\" data-key=\"{row.Key}\"><th role=\"rowheader\">{end.Pod}<small>{end.Pool}</small></th>"
            + $"<td role=\"cell\">{Elements.Chip(kind, end.Outcome.ToString())}{Note(end.Sentence)}</td>"
            + $"<td role=\"cell\">{(end.Job is { } job ? Elements.Job(job, row.Run) : Absent)}</td>"
            + $"<td role=\"cell\" class=\"number\">{Elements.Time(end.EndedAt)}</td>"
            + $"<td role=\"cell\">{Elements.Copy(row.Explain, $"the end of pod {end.Pod}")}</td></tr>");
    }

    private static Html Absent { get; } = Html.Of($"<span class=\"absent\">none</span>");

    private static Html Note(string? sentence, string? remedy = null) => sentence is null
        ? Html.None
        : Html.Of($"<p>{Elements.Foreign(sentence)}</p>{Remedy(remedy)}");

    /// <summary>What to change.</summary>
    public static Html Remedy(string? remedy) => remedy is null
        ? Html.None
        : Html.Of($"<p class=\"remedy\"><b>What to do:</b> {Elements.Foreign(remedy)}</p>");
}
