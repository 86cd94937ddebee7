using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RunnerScaler.Sandbox.Box;

/// <summary>Draws how a scenario goes: how far it is, what its jobs do, and how long they waited.</summary>
internal static class ProgressPicture
{
    private const int Width = 48;
    private const string Levels = "▁▂▃▄▅▆▇█";

    public static IRenderable Of(Picture now)
    {
        var lines = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn().NoWrap())
            .AddColumn(new GridColumn().NoWrap().PadLeft(2));
        void Line(string name, string bar, FormattableString words) => lines.AddRow(
            new Markup($"[grey]{name}[/]"), new Markup(bar),
            new Text(words.ToString(CultureInfo.InvariantCulture)));
        Line("progress", Bar(now.Planned, ("green", now.Completed)),
            $"{now.Completed} of {now.Planned} jobs, {now.Since.TotalSeconds:0} s");
        Line("jobs", Bar(now.Queued + now.Running, ("yellow", now.Queued), ("blue", now.Running)),
            $"{now.Queued} waiting, {now.Running} running; {now.Pods} pods, {now.Registered} registered");
        Line("waits", $"[blue]{Sparkline(now.Waits)}[/]", $"{Words(now.Waits)}");
        return lines;
    }

    /// <summary>Parts side by side; what is left of the whole is grey.</summary>
    /// <param name="all">What the whole width stands for.</param>
    /// <param name="parts">The parts, with their colours. One that is not nothing is seen.</param>
    internal static string Bar(int all, params (string Colour, int Size)[] parts)
    {
        var (bar, left) = ("", Width);
        foreach (var (i, (colour, size)) in parts.Index().Where(p => p.Item.Size > 0))
        {
            var room = left - parts.Skip(i + 1).Count(p => p.Size > 0);
            var cells = Math.Clamp((int)Math.Round((double)size * Width / Math.Max(1, all)), 1, room);
            bar += $"[{colour}]{new string('━', cells)}[/]";
            left -= cells;
        }
        return bar + $"[grey]{new string('─', left)}[/]";
    }

    /// <summary>The latest of them, as high as they are long beside the longest of those.</summary>
    internal static string Sparkline(IReadOnlyList<TimeSpan> waits)
    {
        var latest = waits.Skip(Math.Max(0, waits.Count - Width)).Select(w => w.TotalSeconds).ToArray();
        var top = latest.Append(0.001).Max();
        return string.Concat(latest.Select(w => Levels[(int)Math.Min(Levels.Length - 1, w / top * Levels.Length)]))
            .PadRight(Width);
    }

    private static string Words(IReadOnlyList<TimeSpan> waits)
    {
        if (waits.Count == 0)
            return "no job has begun";
        var sorted = waits.Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture,
            $"median {sorted[sorted.Length / 2].TotalSeconds:0.0} s, longest {sorted[^1].TotalSeconds:0.0} s");
    }
}
