using System.Globalization;
using RunnerScaler.Sandbox.Scenario;
using Spectre.Console;

namespace RunnerScaler.Sandbox.Box;

/// <summary>What is shown while a scenario is played.</summary>
internal sealed record Picture
{
    /// <summary>Time since the first run.</summary>
    public required TimeSpan Since { get; init; }

    /// <summary>Jobs that wait.</summary>
    public required int Queued { get; init; }

    /// <summary>Jobs that a runner has.</summary>
    public required int Running { get; init; }

    /// <summary>Jobs that have ended.</summary>
    public required int Completed { get; init; }

    /// <summary>Jobs so far.</summary>
    public required int Jobs { get; init; }

    /// <summary>Jobs that there will be: of cancelled runs fewer, so that it is sure only in the end.</summary>
    public required int Planned { get; init; }

    /// <summary>Live pods.</summary>
    public required int Pods { get; init; }

    /// <summary>Registrations at GitHub.</summary>
    public required int Registered { get; init; }

    /// <summary>How long each job that has begun had waited, in the order of their starts.</summary>
    public required IReadOnlyList<TimeSpan> Waits { get; init; }
}

/// <summary>Shows how it goes: a picture that changes in a terminal, plain lines now and then elsewhere.</summary>
internal sealed class ProgressView(IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan PlainPeriod = TimeSpan.FromSeconds(5);

    private readonly bool live = console.Profile.Capabilities is { Interactive: true, Ansi: true };
    private long lastPlain;

    public void Say(string text) => console.WriteLine(text);

    /// <summary>Runs <paramref name="play"/>, which shows pictures by the function that it is given.</summary>
    public async Task<T> ShowAsync<T>(Func<Action<Picture>, Task<T>> play)
    {
        if (!live)
            return await play(Plain);
        var result = default(T)!;
        await console.Live(new Text("")).AutoClear(true).StartAsync(async display =>
            result = await play(picture => display.UpdateTarget(ProgressPicture.Of(picture))));
        return result;
    }

    public void Show(Summary summary)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        void Row(string name, FormattableString value) =>
            table.AddRow(new Text(name), new Text(value.ToString(CultureInfo.InvariantCulture)));
        Row("jobs", $"{summary.Completed} of {summary.Jobs} completed, in {summary.Seconds:0} s");
        var wait = summary.WaitSeconds;
        Row("waiting time", $"p50 {wait.P50:0.0} s, p95 {wait.P95:0.0} s, longest {wait.Max:0.0} s");
        Row("peak runners", $"{summary.PeakRunners}");
        var calls = summary.Github;
        Row("calls to GitHub", $"{calls.Requests}, {calls.Counted} count on the limit ({calls.NotModified} × 304)");
        Row("calls to Kubernetes",
            $"{summary.Kubernetes.Requests}: {summary.Kubernetes.PerRunner:0.0} for each runner");
        var cost = summary.Controller;
        Row("controller", $"{cost.CpuMillisecondsPerRunner:0.0} ms of CPU for each runner, {cost.PeakMemoryMiB:0} MiB");
        Row("left behind", $"{summary.Left.Pods} pods, {summary.Left.Registrations} registrations");
        console.Write(table);
        if (summary.Problem is { } problem)
            console.WriteLine(problem);
    }

    private void Plain(Picture now)
    {
        if (lastPlain != 0 && time.GetElapsedTime(lastPlain) < PlainPeriod)
            return;
        lastPlain = time.GetTimestamp();
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{now.Since.TotalSeconds,4:0} s  {now.Completed}/{now.Jobs} jobs done, {now.Running} running, "
            + $"{now.Queued} waiting; {now.Pods} pods, {now.Registered} registered"));
    }
}
