using System.Globalization;

namespace RunnerScaler.Web.Page;

/// <summary>Whole documents: the status page, and what is shown instead of it.</summary>
internal static class Document
{
    public static Html Of(PageView view) => Frame(
        "Status", Html.Of(
            $"<main id=\"page\" data-version=\"{view.Version}\" data-now=\"{Milliseconds(view.At)}\">"
            + $"<dl class=\"tiles\" id=\"summary\" aria-label=\"In numbers\">{view.Part("summary")}</dl>"
            + $"{Section("problems", "Attention", view.Part("problems"))}"
            + $"<section aria-labelledby=\"h-pools\"><h2 id=\"h-pools\">Pools</h2>"
            + $"<div class=\"cards\" id=\"pools\">{view.Part("pools")}</div></section>"
            + $"<div class=\"columns\">{Section("reasons", "Why jobs wait", view.Part("reasons"))}"
            + $"<div>{Section("phases", "The way to a runner, last hour", view.Part("phases"))}"
            + $"{Section("budget", "GitHub budget", view.Part("budget"))}</div></div>"
            + $"{Table(view, "queue", "Queue", "jobs", ["Job", "Pool", "Waits for", "Queued", "Command"])}"
            + $"{Table(view, "runners", "Runners", "runners", ["Pod", "Phase", "Job", "Node", "Age", "Command"])}"
            + $"{Table(view, "ended", "Post-mortems", "ends", ["Pod", "How it ended", "Job", "Ended", "Command"])}"
            + $"</main>"));

    /// <summary>Asks for a token, which the script keeps for the tab and shows with its questions.</summary>
    /// <param name="why">Why there is no page without one.</param>
    public static Html SignIn(string why) => Frame("Sign in", Html.Of(
        $"<main id=\"page\" class=\"narrow\" data-sign-in><h2>Who are you?</h2><p>{why}</p>"
        + $"<form id=\"sign-in\"><label for=\"token\">Token</label>"
        + $"<input id=\"token\" type=\"password\" autocomplete=\"off\" spellcheck=\"false\" required "
        + $"aria-describedby=\"token-help\"><button type=\"submit\">Show the page</button></form>"
        + $"<p id=\"token-help\">Of a ServiceAccount that may get RunnerPools, for an hour:</p>"
        + $"<pre><code>kubectl -n NAMESPACE create token NAME --duration=1h</code></pre>"
        + $"<p>It stays in this tab, goes to this controller alone, and is forgotten when the tab is closed.</p>"
        + $"<noscript><p>Without JavaScript, a proxy has to add the token to each request, as "
        + $"<code>Authorization: Bearer</code>.</p></noscript></main>"));

    /// <summary>Says why there is no page; the script tries again.</summary>
    public static Html Refusal(string why) => Frame("Not now", Html.Of(
        $"<main id=\"page\" class=\"narrow\" data-again><h2>There is no page now</h2><p>{why}</p></main>"));

    private static Html Frame(string title, Html main) => Html.Of(
        $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · RunnerScaler</title>"
        + $"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        + $"<meta name=\"color-scheme\" content=\"light dark\">"
        + $"<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"{StatusEndpoint.Folder}/style.css\">"
        + $"<script src=\"{StatusEndpoint.Folder}/script.js\" type=\"module\"></script></head><body>"
        + $"<a class=\"skip\" href=\"#page\">Skip to the content</a>"
        + $"<header class=\"top\"><h1><svg class=\"logo\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">"
        + $"<rect x=\"2\" y=\"13\" width=\"5\" height=\"9\" rx=\"1.5\"></rect>"
        + $"<rect x=\"9.5\" y=\"8\" width=\"5\" height=\"14\" rx=\"1.5\"></rect>"
        + $"<rect x=\"17\" y=\"2\" width=\"5\" height=\"20\" rx=\"1.5\"></rect></svg>RunnerScaler</h1>"
        + $"<p id=\"state\" role=\"status\">not live</p></header>{main}</body></html>");

    private static Html Section(string id, string title, Html content) => Html.Of(
        $"<section aria-labelledby=\"h-{id}\"><h2 id=\"h-{id}\">{title}</h2>"
        + $"<div id=\"{id}\">{content}</div></section>");

    private static Html Table(PageView view, string id, string title, string what, string[] columns) => Html.Of(
        $"<section class=\"table\"><header><h2 id=\"h-{id}\">{title}</h2>"
        + $"<p id=\"{id}-count\">{view.Part($"{id}-count")}</p>"
        + $"<label class=\"filter\">Filter {what}<input type=\"search\" data-filter=\"{id}\" "
        + $"autocomplete=\"off\" spellcheck=\"false\"></label></header>"
        + $"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"h-{id}\">"
        + $"<table role=\"table\" class=\"{id}\" aria-labelledby=\"h-{id}\"><thead role=\"rowgroup\"><tr role=\"row\">"
        + $"{columns.Select(c => Html.Of($"<th role=\"columnheader\">{c}</th>"))}</tr></thead>"
        + $"<tbody role=\"rowgroup\" id=\"{id}\">{view.List(id).Select(row => row.Content)}</tbody></table>"
        + $"<p class=\"empty\" id=\"{id}-none\"{(view.List(id).IsEmpty ? Html.None : Html.Of($" hidden"))}>None.</p>"
        + $"</div></section>");

    private static string Milliseconds(DateTimeOffset at) =>
        at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
}
