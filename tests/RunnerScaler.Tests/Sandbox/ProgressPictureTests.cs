using RunnerScaler.Sandbox.Box;
using Spectre.Console;

namespace RunnerScaler.Tests.Sandbox;

public sealed class ProgressPictureTests
{
    private static readonly Picture Middle = new()
    {
        Since = TimeSpan.FromSeconds(31),
        Queued = 12,
        Running = 20,
        Completed = 60,
        Jobs = 92,
        Planned = 120,
        Pods = 25,
        Registered = 22,
        Waits = [.. new[] { 1, 2, 8, 4 }.Select(s => TimeSpan.FromSeconds(s))],
    };

    [Fact]
    public void ATerminalShowsHowFarItIs()
    {
        var shown = Shown(Middle);
        Assert.Contains("60 of 120 jobs, 31 s", shown, StringComparison.Ordinal);
        Assert.Contains("12 waiting, 20 running; 25 pods, 22 registered", shown, StringComparison.Ordinal);
        Assert.Contains("▂▃█▅", shown, StringComparison.Ordinal);
        Assert.Contains("median 4.0 s, longest 8.0 s", shown, StringComparison.Ordinal);
        Assert.Equal(24, shown.Split('\n')[0].Count(c => c == '━'));
    }

    [Fact]
    public void TheBeginningAndTheEndHavePicturesToo()
    {
        var beginning = Shown(Middle with
        {
            Queued = 0,
            Running = 0,
            Completed = 0,
            Jobs = 0,
            Planned = 0,
            Waits = [],
        });
        Assert.Contains("no job has begun", beginning, StringComparison.Ordinal);
        Assert.DoesNotContain('━', beginning);
        var end = Shown(Middle with { Queued = 0, Running = 0, Completed = 120, Jobs = 120 });
        Assert.Equal(48, end.Count(c => c == '━'));
    }

    [Fact]
    public void ASingleJobOfManyIsSeenAndNothingIsWiderThanTheBar()
    {
        var bar = ProgressPicture.Bar(10_000, ("yellow", 9_999), ("blue", 1));
        Assert.Contains("[yellow]", bar, StringComparison.Ordinal);
        Assert.Equal(48, bar.Count(c => c is '━' or '─'));
        Assert.Equal(48, ProgressPicture.Sparkline([.. Enumerable.Repeat(TimeSpan.Zero, 200)]).Length);
    }

    private static string Shown(Picture picture)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = 160;
        console.Profile.Capabilities.Unicode = true;
        console.Write(ProgressPicture.Of(picture));
        return text.ToString();
    }
}
