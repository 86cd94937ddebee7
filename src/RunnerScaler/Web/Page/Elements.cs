using System.Globalization;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Web.Page;

/// <summary>Small pieces of the status page that several of its parts have.</summary>
internal static class Elements
{
    /// <summary>A time, which the script shows as the time since or until then.</summary>
    public static Html Time(DateTimeOffset at)
    {
        var iso = at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return Html.Of($"<time datetime=\"{iso}\" title=\"{iso}\">{iso[11..]}</time>");
    }

    /// <summary>
    /// What somebody else wrote. Its direction is its own: letters that are read from right to left turn nothing around
    /// them.
    /// </summary>
    public static Html Foreign(string text) => Html.Of($"<bdi>{text}</bdi>");

    /// <summary>A link to GitHub; its text alone if the address is none that a browser should open.</summary>
    public static Html Link(string url, Html text) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"
            ? Html.Of($"<a href=\"{url}\" rel=\"noreferrer\">{text}</a>")
            : text;

    public static Html Job(JobLink job, RunLink? run)
    {
        var number = (run?.Id ?? 0).ToString(CultureInfo.InvariantCulture);
        var ofRun = run is null ? Html.None : Html.Of($" · {Link(run.Url, Html.Of($"run {number}"))}");
        return Html.Of($"{Link(job.Url, Foreign(job.Name))}<small>{Foreign(job.Repository)}{ofRun}</small>");
    }

    /// <summary>A button that copies a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="about">What it is about, for those who do not see where it stands.</param>
    public static Html Copy(string command, string about) => Html.Of(
        $"<button type=\"button\" class=\"copy\" data-copy=\"{command}\" title=\"Copy: {command}\" "
        + $"aria-label=\"explain {about}: copy the command\">explain</button>");

    /// <summary>A word in a colour of its own.</summary>
    /// <param name="kind">The class that has the colour.</param>
    /// <param name="word">The word.</param>
    public static Html Chip(string kind, string word) => Html.Of($"<span class=\"chip {kind}\">{word}</span>");

    /// <summary>The colour of a state.</summary>
    public static string KindOf(RunnerState state) => state switch
    {
        RunnerState.Busy => "busy",
        RunnerState.Registered => "registered",
        RunnerState.Standby => "standby",
        RunnerState.Starting => "starting",
        RunnerState.Lost => "bad",
        _ => "finishing",
    };

    /// <summary>A bar of parts side by side, which says nothing that the text beside it does not.</summary>
    /// <param name="all">What its whole length stands for.</param>
    /// <param name="parts">The parts, with the classes that have their colours.</param>
    public static Html Bar(double all, params IEnumerable<(string Kind, double Size)> parts)
    {
        var (at, rects) = (0.0, new List<Html>());
        foreach (var (kind, size) in parts.Where(p => p.Size > 0))
        {
            var width = Math.Min(100 - at, 100 * size / Math.Max(all, 1));
            rects.Add(Html.Of($"<rect class=\"{kind}\" x=\"{at}\" width=\"{width}\" height=\"8\"></rect>"));
            at += width;
        }
        return Html.Of(
            $"<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" "
            + $"aria-hidden=\"true\">{rects}</svg>");
    }
}
