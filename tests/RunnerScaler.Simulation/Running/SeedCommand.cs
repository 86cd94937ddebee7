using System.Diagnostics;
using System.Globalization;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.Reading;
using Trace = RunnerScaler.Simulation.Kernel.Trace;

namespace RunnerScaler.Simulation.Running;

/// <summary>
/// <c>--seeds N [--from N] [--parallel K]</c> runs many seeds and tells of their numbers; <c>--seed N [--trace]</c>
/// runs one and tells what happened. <c>--readings</c> takes those of the controller's GitHub part. <c>--plain</c>
/// leaves the faults out; <c>--mutation NAME</c> breaks a rule on purpose.
/// </summary>
internal sealed record SeedCommand(int From, int Count, int Parallel, bool Trace, bool Plain, Mutation Mutation)
{
    /// <summary>Whether the seeds are those of the controller's GitHub part alone.</summary>
    public bool Readings { get; init; }

    private const int TailLines = 60;
    private const string Replay = "dotnet run --project tests/RunnerScaler.Simulation -c Release --";

    public static bool TryParse(string[] args, out SeedCommand command)
    {
        command = null!;
        var isOne = args.Contains("--seed");
        if (!isOne && !args.Contains("--seeds"))
            return false;
        var from = Number(args, isOne ? "--seed" : "--from") ?? 0;
        command = new(
            from,
            isOne ? 1 : Number(args, "--seeds") ?? 1000,
            Number(args, "--parallel") ?? Environment.ProcessorCount,
            args.Contains("--trace"),
            args.Contains("--plain"),
            Enum.TryParse<Mutation>(Text(args, "--mutation"), true, out var mutation) ? mutation : Mutation.None)
        {
            Readings = args.Contains("--readings"),
        };
        return true;
    }

    /// <returns>The exit code: 0 if every promise was kept.</returns>
    public int Run(TextWriter output)
    {
        if (Readings)
            return RunReadings(output);
        var started = Stopwatch.GetTimestamp();
        var campaign = new Campaign(new RunSettings(Plain, Mutation, Trace ? new Trace(output) : null));
        campaign.Run(From, Count, Parallel, stopAfter: 5, each: done => Progress(output, done, started));
        output.WriteLine(campaign.Summary(Stopwatch.GetElapsedTime(started)));
        foreach (var broken in campaign.Broken.Take(5))
            output.WriteLine(Describe(broken));
        return campaign.Broken.Count == 0 ? 0 : 1;
    }

    private int RunReadings(TextWriter output)
    {
        var campaign = ReadingCampaign.Of(From, Count, Parallel);
        output.WriteLine(campaign);
        foreach (var broken in campaign.Broken)
            output.WriteLine(broken);
        return campaign.Broken.Any() ? 1 : 0;
    }

    /// <summary>What broke, what led to it, and how to see it again.</summary>
    public static string Describe(RunResult broken)
    {
        var trace = new Trace();
        var again = SimRun.Of(broken.Seed, broken.Settings with { Trace = trace });
        var plain = broken.Settings.Plain ? " --plain" : "";
        var mutation = broken.Settings.Mutation == Mutation.None ? "" : $" --mutation {broken.Settings.Mutation}";
        return $"""
            seed {broken.Seed} broke a promise: {broken.Failure}
            {string.Join(Environment.NewLine, trace.Tail(TailLines))}
            {(again.Hash == broken.Hash ? "" : "A second run of the seed took another course: that is a fault, too.")}
            replay: {Replay} --seed {broken.Seed} --trace{plain}{mutation}
            """;
    }

    private static void Progress(TextWriter output, int done, long started)
    {
        var pace = done / Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (done % 5000 == 0)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} seeds, {pace:0} a second"));
    }

    private static int? Number(string[] args, string option) =>
        int.TryParse(Text(args, option), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Text(string[] args, string option)
    {
        var at = Array.IndexOf(args, option);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}
