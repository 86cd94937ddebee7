using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Explaining;
using RunnerScaler.Tests.Scaling;
using RunnerScaler.Web.Page;

namespace RunnerScaler.Tests.Web;

/// <summary>What the status page is made of, and what makes one into the next.</summary>
public sealed class StatusPageTests
{
    /// <summary>What somebody may call a job, a repository or a node.</summary>
    public static readonly TheoryData<string> Hostile =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</td></table>",
        "&lt;b&gt;", "\u001b[2J\u0007", "\u202egnp.exe", "\u2066x\u2069", "a\0b", "<!--", "]]>", "${x}{{x}}",
        "\ud800", "javascript:alert(1)",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void NothingThatOthersWroteIsMarkup(string name)
    {
        var job = Given.Job() with { Name = name };
        var elsewhere = job with { Repository = new(Given.Server, "acme", name) };
        var known = Told.Known([Given.Pool(max: 0)], [job], Told.Ended(1, OutcomeKind.Failed, elsewhere) with
        {
            Sentence = name,
            Node = name,
        }) with
        {
            Budgets = [new(Given.Account, name, name, 1, 2, Given.Now)],
        };
        var plain = Told.Known([Given.Pool(max: 0)], [Given.Job()], Told.Ended(1, OutcomeKind.Failed, Given.Job())) with
        {
            Budgets = [new(Given.Account, "x", "x", 1, 2, Given.Now)],
        };

        var page = PageOf(known);
        Assert.Equal(TagsOf(PageOf(plain)), TagsOf(page));
        Assert.DoesNotContain(page, c => char.IsControl(c) || c is '\u202e' or '\u2066' or '\u2069');
        Assert.DoesNotContain("href=\"javascript:", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void HolesAreEscapedAndMarkupIsNot()
    {
        var part = Html.Of($"<b title=\"{"\"<>&'"}\">{"a<b"}</b>");
        Assert.Equal("<b title=\"&quot;&lt;&gt;&amp;&#x27;\">a&lt;b</b>", part.Text);
        Assert.Equal($"<p>{part}1,234 0.5</p>", Html.Of($"<p>{part}{1234L} {0.5}</p>").Text);
        Assert.Equal("", Html.Of($"{(string?)null}").Text);
    }

    [Theory]
    [InlineData("https://github.com/a", true)]
    [InlineData("http://ghes.example.com/a", true)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("data:text/html,x", false)]
    [InlineData("//evil.example.com", false)]
    [InlineData("", false)]
    public void OnlyAddressesOfTheWebAreLinks(string url, bool isLink) => Assert.Equal(
        isLink, Elements.Link(url, Html.Of($"x")).Text.StartsWith($"<a href=\"{url}\"", StringComparison.Ordinal));

    [Fact]
    public void WhatMattersIsThere()
    {
        var page = PageOf(Told.Known(
            [Given.Pool(max: 0)], [Given.Job(), Given.Job(2, labels: "self-hosted gpu")],
            Told.Ended(1, OutcomeKind.OutOfMemory, Given.Job(9))) with
        {
            Budgets = [new(Given.Account, "the token of Secret ci/github-app", "core", 1234, 5000, Given.Now)],
            Phases = [new(Given.Linux, RunnerPhase.Start, Given.Now, 2, TimeSpan.FromSeconds(5))],
        });
        foreach (var text in (string[])
            [
                "https://github.com/acme/app/actions/runs/1/job/1", ">run 1<", "PoolFull", "spec.limits.maxRunners",
                "NoPoolMatches", "OutOfMemory", "It ended so.", "https://github.com/acme/app/actions/runs/9/job/9",
                "runnerscaler explain ci/linux", "1,234", "the token of Secret",
                "<title>12:00 UTC: Start 2.5 s</title>",
            ])
            Assert.Contains(text, page, StringComparison.Ordinal);
        Assert.DoesNotContain("style=\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("onclick", page, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyControllerHasAPage()
    {
        var page = PageOf(Told.Known([], []));
        Assert.Contains("There is no pool that you may read.", page, StringComparison.Ordinal);
        Assert.Contains("No job waits.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyWhatHasChangedIsTold()
    {
        var before = ViewOf(Told.Known([Given.Pool(max: 0)], Given.Jobs(50)));
        var jobs = Given.Jobs(51).Where(j => j.Id != 10).Select(j => j.Id == 20 ? j with { Name = "new" } : j);
        var after = ViewOf(Told.Known([Given.Pool(max: 0)], jobs), "2");

        var change = PageChange.Of(before, after);
        var queue = change.Lists.Single(l => l.Name == "queue");
        Assert.Equal(["ci/linux:10"], queue.Gone);
        Assert.Equal([(18, "ci/linux:20"), (49, "ci/linux:51")], queue.Put.Select(p => (p.At, p.Row.Key)));
        Assert.DoesNotContain("budget", change.Parts.Select(p => p.Name));
        Assert.False(change.IsWhole);
        Assert.Empty(PageChange.Of(before, before).Lists);
        Assert.Empty(PageChange.Of(before, before).Parts);
    }

    [Fact]
    public void AnyChangeOfAListMakesTheOneOfTheOther()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var (before, after) = (RowsOf(random), RowsOf(random));
            var change = ListChange.Of("x", before, after);
            var taken = change.Put.Select(p => p.Row.Key).Concat(change.Gone).ToHashSet();
            var rows = before.Where(r => !taken.Contains(r.Key)).ToList();
            foreach (var (at, row) in change.Put)
                rows.Insert(at, row);
            Assert.Equal(after, rows);
        }
    }

    [Fact]
    public void AnEventIsOneLineOfJson()
    {
        var view = ViewOf(Told.Known([Given.Pool(max: 0)], [Given.Job() with { Name = "a\nb\"c\r\n\ndata: x" }]), "v1");
        var lines = Encoding.UTF8.GetString(PageChange.Of(null, view).ToEvent()).Split('\n');
        Assert.Equal(["id: v1", "", ""], [lines[0], .. lines[2..]]);
        using var json = JsonDocument.Parse(lines[1]["data: ".Length..]);
        Assert.True(json.RootElement.GetProperty("whole").GetBoolean());
        Assert.Equal(
            "ci/linux:1",
            json.RootElement.GetProperty("lists").GetProperty("queue").GetProperty("put")[0][1].GetString());
        Assert.Equal(Given.Now.ToUnixTimeMilliseconds(), json.RootElement.GetProperty("now").GetInt64());
    }

    [Fact]
    public void WhoIsToldThatNobodyLooksForgetsWhatWasShown()
    {
        var known = Told.Known([Given.Pool()], [Given.Job()]);
        var asked = 0;
        var views = new PageViews(
            () =>
            {
                asked++;
                return known;
            },
            new FakeTimeProvider());

        var view = views.Of(views.Know()!, Reader.OfAll);
        Assert.Same(view, views.Of(views.Know()!, Reader.OfAll));
        Assert.Same(view, views.Of(known with { Now = known.Now.AddSeconds(1) }, Reader.OfAll));
        Assert.Equal(1, asked);
        Assert.NotEqual(view.Version, views.Of(known, Told.Ci with { Namespaces = ["other"] }).Version);
        Assert.Same(view, views.Find(Reader.OfAll, view.Version));
        Assert.Null(views.Find(Told.Ci, view.Version));
        views.Clear();
        Assert.Null(views.Find(Reader.OfAll, view.Version));
    }

    private static ImmutableArray<PageRow> RowsOf(Random random)
    {
        var keys = Enumerable.Range(0, 12).Where(_ => random.Next(3) > 0).ToArray();
        if (random.Next(4) == 0)
            random.Shuffle(keys);
        return [.. keys.Select(k => new PageRow($"{k}", Html.Of($"{$"{random.Next(3)}"}")))];
    }

    private static PageView ViewOf(Knowledge known, string version = "1") =>
        PageView.Of(OverviewExplanation.Of(known, Reader.OfAll), version);

    private static string PageOf(Knowledge known) => Document.Of(ViewOf(known)).Text;

    /// <summary>The tags of a page with the names of their attributes: what a browser makes elements of.</summary>
    private static string[] TagsOf(string page) =>
    [
        .. Regex.Matches(page, "<[^>]*>").Select(m => Regex.Replace(m.Value, "=\"[^\"]*\"", "")),
    ];
}
