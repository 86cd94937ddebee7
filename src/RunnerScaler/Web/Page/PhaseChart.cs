using System.Globalization;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Web.Page;

/// <summary>The picture of how long each part of the way to a runner took in the last hour.</summary>
internal static class PhaseChart
{
    private const double Width = 720;
    private const double Height = 220;
    private const double Left = 44;
    private const double Bottom = 24;
    private const double Top = 10;

    /// <summary>One, two or five, and so many zeros.</summary>
    private static readonly double[] Steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200];

    public static Html Of(PhasePicture picture)
    {
        var legend = Html.Of($"<ul class=\"legend phases\">{PhasePicture.Waits.Select(p => Legend(picture, p))}</ul>");
        if (picture.Means.IsEmpty)
            return Html.Of($"<p class=\"empty\">No runner was made in the last hour.</p>");
        var step = StepFor(picture.Columns.Max(c => c.Seconds));
        var top = step * 4;
        var slot = (Width - Left) / picture.Columns.Length;
        return Html.Of(
            $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Spoken(picture)}\">"
            + $"{Enumerable.Range(0, 5).Select(i => Line(i * step, top))}"
            + $"{picture.Columns.Select((c, i) => Column(c, Left + (i * slot), slot, top))}"
            + $"{picture.Columns.Where((_, i) => i % 10 == 0 || i == picture.Columns.Length - 1)
                .Select(c => Mark(c, Left + (picture.Columns.IndexOf(c) * slot) + (slot / 2)))}</svg>{legend}");
    }

    private static string Spoken(PhasePicture picture) =>
        "Average seconds of each part of the way to a runner in the last hour: " + string.Join(", ", PhasePicture.Waits
            .Where(picture.Means.ContainsKey)
            .Select(p => $"{p} {Seconds(picture.Means[p].Seconds)}"));

    private static double StepFor(double most) =>
        Array.Find(Steps, s => s * 4 >= most) is var step and > 0 ? step : Math.Ceiling(most / 4);

    private static double HeightOf(double seconds, double top) => (Height - Bottom - Top) * Math.Min(1, seconds / top);

    private static double Y(double seconds, double top) => Height - Bottom - HeightOf(seconds, top);

    private static Html Line(double seconds, double top)
    {
        var y = Y(seconds, top);
        return Html.Of(
            $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width}\" y1=\"{y}\" y2=\"{y}\"></line>"
            + $"<text class=\"axis\" x=\"{Left - 8}\" y=\"{y + 4}\" text-anchor=\"end\">{Seconds(seconds)}</text>");
    }

    private static Html Mark(PhaseColumn column, double x) => Html.Of(
        $"<text class=\"axis\" x=\"{Math.Min(x, Width - 30)}\" y=\"{Height - 6}\" text-anchor=\"middle\">"
        + $"{column.From.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)} UTC</text>");

    private static Html Column(PhaseColumn column, double x, double slot, double top)
    {
        if (column.Means.IsEmpty)
            return Html.None;
        var (below, parts) = (0.0, new List<Html>());
        foreach (var phase in PhasePicture.Waits)
            if (column.Means.TryGetValue(phase, out var mean))
            {
                below += mean.Seconds;
                parts.Add(Html.Of(
                    $"<rect class=\"{KindOf(phase)}\" x=\"{x + 2}\" width=\"{slot - 4}\" y=\"{Y(below, top)}\" "
                    + $"height=\"{HeightOf(mean.Seconds, top)}\"></rect>"));
            }
        var told = string.Join(", ", PhasePicture.Waits.Where(column.Means.ContainsKey)
            .Select(p => $"{p} {Seconds(column.Means[p].Seconds)}"));
        var from = column.From.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture);
        return Html.Of($"<g><title>{from} UTC: {told}</title>{parts}</g>");
    }

    private static Html Legend(PhasePicture picture, RunnerPhase phase)
    {
        var mean = picture.Means.GetValueOrDefault(phase);
        return Html.Of(
            $"<li class=\"{(mean.Count == 0 ? "zero" : "some")}\"><i class=\"dot {KindOf(phase)}\"></i>"
            + $"<b>{phase.ToString()}</b> {(mean.Count == 0 ? "none" : Seconds(mean.Seconds))}"
            + $"<small>{Meaning(phase)}</small></li>");
    }

    private static string KindOf(RunnerPhase phase) => $"phase-{phase.ToString().ToLowerInvariant()}";

    private static string Seconds(double seconds) => seconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s")
        : Wording.Span(TimeSpan.FromSeconds(seconds));

    private static string Meaning(RunnerPhase phase) => phase switch
    {
        RunnerPhase.Detect => "until the job is seen",
        RunnerPhase.Create => "the request for the pod",
        RunnerPhase.Schedule => "until it has a node",
        RunnerPhase.Start => "images and containers",
        RunnerPhase.Claim => "until the pod is ready",
        RunnerPhase.Register => "its identity at GitHub",
        RunnerPhase.Assign => "until GitHub assigns the job",
        _ => "",
    };
}
