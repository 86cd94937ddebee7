using System.Globalization;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Web.Page;

/// <summary>The parts of the status page that are replaced whole when they change.</summary>
internal static class PageParts
{
    /// <summary>What matters most, in numbers.</summary>
    public static Html Summary(OverviewAnswer now)
    {
        var runners = now.Pools.Sum(p => p.Runners.All);
        var oldest = now.Pools.Select(p => p.OldestWait).DefaultIfEmpty().Max();
        var (waiting, served) = (now.Queue.All, now.Reasons.Where(g => g.IsServed).Sum(g => g.Answer.Count));
        var worst = now.Budgets.MinBy(b => (double)b.Remaining / Math.Max(1, b.Limit));
        return Html.Of(
            $"{Tile("Jobs waiting", $"{waiting:N0}", $"{served:N0} of them have a runner on its way")}"
            + $"{Tile("Oldest wait", oldest > TimeSpan.Zero ? Wording.Span(oldest) : "none", "of all that are queued")}"
            + $"{Tile("Jobs running", $"{now.Pools.Sum(p => p.Jobs.Running):N0}", "as GitHub last told")}"
            + $"{Tile("Runners", $"{runners:N0}", $"of at most {now.Pools.Sum(p => p.MaxRunners ?? 0):N0}")}"
            + $"{Tile("GitHub budget", worst is null ? "unknown" : Percent(worst), "left of the scarcest limit")}");
    }

    /// <summary>What a person should look at.</summary>
    public static Html Problems(OverviewAnswer now) => now.Problems.IsEmpty
        ? Html.Of($"<p class=\"fine\">{Elements.Chip("good", "All well")} Nothing needs your attention.</p>")
        : Html.Of($"<ul class=\"problems\">{now.Problems.Select(Problem)}</ul>");

    public static Html Pools(OverviewAnswer now) => now.Pools.IsEmpty
        ? Html.Of($"<p class=\"empty\">There is no pool that you may read.</p>")
        : Html.Join(now.Pools.Select(Card));

    /// <summary>Why jobs wait, and what to change.</summary>
    public static Html Reasons(OverviewAnswer now)
    {
        var others = now.OfNoPool is { } count and > 0
            ? Html.Of($"<p class=\"aside\">{(long)count} more queued jobs are no pool's: none has any of their labels, "
                + $"as those for GitHub's own runners.</p>")
            : Html.None;
        return now.Reasons.IsEmpty
            ? Html.Of($"<p class=\"empty\">No job waits.</p>{others}")
            : Html.Of($"<ul class=\"reasons\">{now.Reasons.Select(Group)}</ul>{others}");
    }

    public static Html Budget(OverviewAnswer now) => now.Budgets.IsEmpty
        ? Html.Of($"<p class=\"empty\">GitHub has not told of any limit yet.</p>")
        : Html.Of($"<ul class=\"budgets\">{now.Budgets.Select(Limit)}</ul>");

    /// <summary>How many there are, and how many of them are shown.</summary>
    /// <param name="what">What they are, such as <c>jobs wait</c>.</param>
    /// <param name="shown">How many are shown.</param>
    /// <param name="all">How many there are.</param>
    /// <param name="which">Which are shown, if not all are; null for the first.</param>
    public static Html Count(string what, int shown, int all, string? which = null) => shown == all
        ? Html.Of($"{(long)all} {what}")
        : Html.Of($"{(long)all} {what}; {which ?? $"the first {shown:N0}"} are shown");

    private static Html Tile(string what, string value, string note) =>
        Html.Of($"<div class=\"tile\"><dt>{what}</dt><dd>{value}<small>{note}</small></dd></div>");

    private static string Percent(BudgetFigure budget) => string.Create(
        CultureInfo.InvariantCulture, $"{Math.Floor(100.0 * budget.Remaining / Math.Max(1, budget.Limit)):0} %");

    private static Html Problem(CheckAnswer problem)
    {
        var about = problem.About is { } object_ ? Html.Of($"{Elements.Foreign(object_)}: ") : Html.None;
        return Html.Of(
            $"<li class=\"{(problem.Level == CheckLevel.Failure ? "failure" : "warning")}\">"
            + $"<p><b>{problem.Level.ToString()} · {problem.Check}</b> {about}{Elements.Foreign(problem.Sentence)}</p>"
            + $"{Tables.Remedy(problem.Remedy)}</li>");
    }

    private static Html Card(PoolCard pool)
    {
        var (kind, word) = pool.IsReady switch
        {
            true => ("good", "Ready"),
            false => ("bad", "Not ready"),
            null => ("waiting", "Unknown"),
        };
        var runners = pool.Runners;
        (string Kind, string Word, int Count)[] states =
        [
            ("busy", "busy", runners.Busy), ("registered", "registered", runners.Registered),
            ("standby", "standby", runners.Standby), ("starting", "starting", runners.Starting),
            ("finishing", "finishing", runners.Finishing),
        ];
        var sentence = pool.IsReady == true ? Html.None : Html.Of($"<p>{Elements.Foreign(pool.Sentence)}</p>");
        return Html.Of(
            $"<article class=\"card\" data-key=\"{pool.Key.ToString()}\"><header>"
            + $"<h3>{pool.Key.Name}<small>{pool.Key.Namespace}</small></h3>{Elements.Chip(kind, word)}</header>"
            + $"<p class=\"fill\"><b>{(long)runners.All}</b> of {MostOf(pool)} runners</p>"
            + $"{Elements.Bar(pool.MaxRunners ?? runners.All, states.Select(s => (s.Kind, (double)s.Count)))}"
            + $"<ul class=\"legend\">{states.Select(s => Key(s.Kind, s.Word, s.Count))}</ul>{sentence}"
            + $"<p class=\"jobs\"><b>{(long)pool.Jobs.Queued}</b> jobs wait, <b>{(long)pool.Jobs.Running}</b> run</p>"
            + $"<footer><span class=\"labels\">{pool.Labels.Select(Label)}</span>"
            + $"{Elements.Copy(pool.Explain, $"pool {pool.Key}")}</footer></article>");
    }

    private static string MostOf(PoolCard pool) => pool.MaxRunners is { } most ? $"{most:N0}" : "an unknown number of";

    private static Html Key(string kind, string word, int count) => Html.Of(
        $"<li class=\"{(count == 0 ? "zero" : "some")}\"><i class=\"dot {kind}\"></i>{(long)count} {word}</li>");

    private static Html Label(string label) => Html.Of($"<code>{Elements.Foreign(label)}</code> ");

    private static Html Group(ReasonGroup group)
    {
        var (reason, count, sentence, remedy) = group.Answer;
        return Html.Of(
            $"<li data-key=\"{group.Pool.ToString()} {reason.ToString()}\"><p><b class=\"count\">{(long)count}</b>"
            + $"{Elements.Chip(group.IsServed ? "starting" : "waiting", reason.ToString())}"
            + $"<small>{group.Pool.ToString()}</small></p><p>{Elements.Foreign(sentence)}</p>"
            + $"{Tables.Remedy(remedy)}</li>");
    }

    private static Html Limit(BudgetFigure budget)
    {
        var share = (double)budget.Remaining / Math.Max(1, budget.Limit);
        var kind = share < 0.1 ? "bad" : share < 0.3 ? "waiting" : "good";
        return Html.Of(
            $"<li><p><b>{(long)budget.Remaining}</b> of {(long)budget.Limit} requests left"
            + $"<small>full again {Elements.Time(budget.Reset)}</small></p>"
            + $"{Elements.Bar(budget.Limit, (kind, budget.Remaining))}"
            + $"<p class=\"holder\">{Elements.Foreign(budget.Holder)} <code>{budget.Resource}</code></p></li>");
    }
}
