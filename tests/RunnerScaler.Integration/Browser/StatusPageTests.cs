using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Integration.Whole;

namespace RunnerScaler.Integration.Browser;

/// <summary>The status page as people meet it.</summary>
public sealed class StatusPageTests
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task WhatIsKnownIsShown()
    {
        await using var host = await PageHost.StartAsync(KnownCrowd.Of(Now, 20, 9, i => $"build ({i})"));
        var seen = await Chromium.PlayAsync(host.Address, "content");

        Assert.Equal("Status · RunnerScaler", (string?)seen["title"]);
        Assert.Equal(
            [
                "Attention", "Pools", "Why jobs wait", "The way to a runner, last hour", "GitHub budget", "Queue",
                "Runners", "Post-mortems",
            ],
            seen["headings"]!.AsArray().Select(h => (string?)h));
        Assert.Equal(20, (int?)seen["rows"]);
        Assert.Contains("build (20)", (string?)seen["queue"], StringComparison.Ordinal);
        Assert.Contains("linux-arm-2", (string?)seen["runners"], StringComparison.Ordinal);
        Assert.Contains("spec.limits.maxRunners", (string?)seen["reasons"], StringComparison.Ordinal);
        Assert.Contains("68 %", (string?)seen["tiles"], StringComparison.Ordinal);
        Assert.Contains("Start ", (string?)seen["chart"], StringComparison.Ordinal);
        Assert.Contains(
            "https://github.com/acme/service-20/actions/runs/20000000005/job/50000000020",
            seen["links"]!.AsArray().Select(l => (string?)l));
        Assert.Contains(
            "runnerscaler explain https://github.com/acme/service-20/actions/runs/20000000005/job/50000000020",
            seen["commands"]!.AsArray().Select(c => (string?)c));
    }

    [Fact]
    public async Task ItChangesByItselfAndKeepsTheFocus()
    {
        var now = Now;
        await using var host = await PageHost.StartAsync(KnownCrowd.Of(now, 20, 9, i => $"build {i}"));
        var seen = await Chromium.PlayAsync(host.Address, "live", what =>
        {
            host.Known = what switch
            {
                "rename" => KnownCrowd.Of(now.AddSeconds(1), 20, 9, i => $"renamed {i}"),
                "end" => KnownCrowd.Of(now.AddSeconds(2), 15, 9, i => $"renamed {i}", ended: 6),
                "stop leading" => null,
                _ => KnownCrowd.Of(now.AddSeconds(3), 12, 9, i => $"again {i}", ended: 6),
            };
            return Task.CompletedTask;
        });

        Assert.NotNull((string?)seen["before"]);
        Assert.Equal((string?)seen["before"], (string?)seen["after"]);
        Assert.Equal(12, (int?)seen["rows"]);
        Assert.Contains("ran out of memory", (string?)seen["ended"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ItIsDarkWhereTheDeskIsDark()
    {
        await using var host = await PageHost.StartAsync(KnownCrowd.Of(Now, 3, 3, i => $"build {i}"));
        var seen = await Chromium.PlayAsync(host.Address, "colours");
        Assert.True(Brightness(seen["light"]!, "backgroundColor") > 200 && Brightness(seen["light"]!, "color") < 60);
        Assert.True(Brightness(seen["dark"]!, "backgroundColor") < 60 && Brightness(seen["dark"]!, "color") > 200);
    }

    [Fact]
    public async Task EverythingIsReachedWithoutAMouse()
    {
        await using var host = await PageHost.StartAsync(KnownCrowd.Of(Now, 20, 9, i => $"job {i}"));
        var seen = await Chromium.PlayAsync(host.Address, "keyboard");
        var reached = seen["reached"]!.AsArray().Select(r => (string?)r).ToArray();
        Assert.Equal("skip", reached[0]);
        Assert.Contains("copy", reached);
        Assert.Contains("queue", reached);
        Assert.Equal("scroll", reached[^1]);
        Assert.Equal(2, (int?)seen["left"]);
        Assert.StartsWith("runnerscaler explain https://github.com/acme/", (string?)seen["copied"], StringComparison.Ordinal);
        Assert.True((bool?)seen["none"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ItIsForEverybody(bool anonymous)
    {
        await using var host = await PageHost.StartAsync(
            KnownCrowd.Of(Now, 20, 9, i => $"build {i}", ended: 6), anonymous);
        var seen = await Chromium.PlayAsync(host.Address, "axe", token: anonymous ? "" : "sign-in");
        Assert.Empty(seen["found"]!.AsArray().Select(v => (string?)v));
    }

    [Fact]
    public async Task NoNameDoesAnything()
    {
        string[] names =
        [
            "<script>globalThis.pwned = 1; alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onfocus='alert(1)",
            "</td></tr></table><style>*{display:none}</style>", "\u202egnp.exe\u001b[2J", "שלום<iframe src=//x>",
        ];
        await using var host = await PageHost.StartAsync(
            KnownCrowd.Of(Now, names.Length, 3, i => names[i - 1], ended: 6));
        var seen = await Chromium.PlayAsync(host.Address, "hostile");
        Assert.Equal((0, 0), ((int?)seen["scripts"], (int?)seen["handlers"]));
        var text = (string?)seen["text"];
        Assert.Contains("<script>globalThis.pwned = 1; alert(1)</script>", text, StringComparison.Ordinal);
        Assert.Contains(@"\u202egnp.exe\u001b[2J", text, StringComparison.Ordinal);
        Assert.True((int?)seen["bidi"] >= 2 * names.Length);
    }

    [Fact]
    public async Task AThousandJobsAndRunnersDoNotLag()
    {
        var now = Now;
        var later = now;
        await using var host = await PageHost.StartAsync(KnownCrowd.Of(now, 1000, 999, i => $"build {i}", ended: 60));
        var seen = await Chromium.PlayAsync(host.Address, "crowd", what =>
        {
            later = later.AddSeconds(1);
            host.Known = KnownCrowd.Of(
                now, 1000, 999, i => what == "all" || i % 20 == 0 ? $"changed {what} {i}" : $"build {i}",
                ended: 60) with
            {
                Now = later,
            };
            return Task.CompletedTask;
        });

        TestContext.Current.TestOutputHelper!.WriteLine(seen.ToJsonString());
        Assert.Equal([1000, 999], seen["rows"]!.AsArray().Select(r => (int)r!));

        // Milliseconds of the main thread, which a slow machine has more of: a part of the rows costs a part of all.
        Assert.InRange((double)seen["some"]!, 0.1, 0.75 * (double)seen["all"]!);
    }

    [Fact]
    public async Task WhoShowsATokenSeesTheRealControllerAtWork()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        var token = box.Api.Users.Issue("jane");
        var seen = await Chromium.PlayAsync(new Uri(box.Web, "/"), "signIn", _ =>
        {
            box.Queue(jobs: 2);
            return Task.CompletedTask;
        }, token);
        Assert.Equal(0, (int?)seen["cookies"]);
        Assert.Contains("RanJob", (string?)seen["ended"], StringComparison.Ordinal);
        Assert.DoesNotContain(token, (string?)seen["address"], StringComparison.Ordinal);
    }

    private static double Brightness(JsonNode colours, string which) => ((string)colours[which]!)
        .Split('(', ')')[1].Split(',').Take(3)
        .Average(part => double.Parse(part, CultureInfo.InvariantCulture));
}
