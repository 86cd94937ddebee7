using System.Collections.Immutable;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>
/// The line that the program in the pod leaves at its end, as <c>docs/claim-protocol.md</c> has it. A job can write
/// into it: what is out of range is left out, so that it bends its own figures at most.
/// </summary>
/// <param name="RanJob">Whether a job ran; null if it does not say.</param>
/// <param name="Problem">What went wrong; null if it does not say.</param>
/// <param name="Builds">The job's image builds.</param>
/// <param name="Unreadable">Whether it begins as our program's does, and is not what that writes.</param>
/// <param name="Outcome">What became of the pod, if it says one of the words that are told further.</param>
internal readonly record struct TerminationMessage(
    bool? RanJob, string? Problem, ImmutableArray<Build> Builds, bool Unreadable, ExitOutcome Outcome)
{
    /// <summary>The kubelet cuts messages off at 4096 bytes; who writes the status himself does not.</summary>
    private const int Longest = 256 * 1024;

    private const int MostBuilds = 64;
    private const int MostSteps = 100_000;
    private const int LongestProblem = 500;

    private static readonly TerminationMessage Nothing = new(null, null, [], false, ExitOutcome.Other);
    private static readonly TimeSpan LongestBuild = TimeSpan.FromDays(5);

    /// <summary>Anything but a JSON object says nothing.</summary>
    public static TerminationMessage Read(string? message)
    {
        if (message is null)
            return Nothing;
        if (JsonText.ParseObject(message, Longest) is not { } root)
            return Nothing with { Unreadable = message.AsSpan().TrimStart().StartsWith("{", StringComparison.Ordinal) };
        var problem = root.Text("problem");
        var ranJob = root.Member("ranJob");
        return new(
            ranJob switch
            {
                { ValueKind: JsonValueKind.True } => true,
                { ValueKind: JsonValueKind.False } => false,
                _ => null,
            },
            problem is { Length: > 0 } ? OneLine(problem) : null,
            ReadBuilds(root),
            (problem is null && root.Member("problem") is not null)
                || ranJob is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) },
            OutcomeOf(root.Text("outcome")));
    }

    // The empty array is always the same one, so that pods without builds stay equal.
    private static ImmutableArray<Build> ReadBuilds(JsonElement? root)
    {
        var read = root.Each("builds").Take(MostBuilds).Select(b => ReadBuild(b)).OfType<Build>().ToArray();
        return read.Length == 0 ? [] : [.. read];
    }

    private static Build? ReadBuild(JsonElement? build)
    {
        if (CommandOf(build.Text("command")) is not { } command
            || ResultOf(build.Text("result")) is not { } result
            || build.Member("seconds") is not { ValueKind: JsonValueKind.Number } number
            || !number.TryGetDouble(out var seconds)
            || seconds is not >= 0
            || seconds > LongestBuild.TotalSeconds)
            return null;
        var steps = build.Number("steps") is >= 0 and <= MostSteps and var all ? all : (int?)null;
        var cached = build.Number("cachedSteps") is >= 0 and var some && some <= steps ? some : (int?)null;
        return new(command, result, TimeSpan.FromSeconds(seconds), cached is null ? null : steps, cached);
    }

    private static ExitOutcome OutcomeOf(string? word) => word switch
    {
        nameof(ExitOutcome.JobInterrupted) => ExitOutcome.JobInterrupted,
        nameof(ExitOutcome.RunnerOutdated) => ExitOutcome.RunnerOutdated,
        _ => ExitOutcome.Other,
    };

    private static BuildCommand? CommandOf(string? word) => word switch
    {
        "build" => BuildCommand.Build,
        "bake" => BuildCommand.Bake,
        _ => null,
    };

    private static BuildResult? ResultOf(string? word) => word switch
    {
        "success" => BuildResult.Success,
        "failure" => BuildResult.Failure,
        "canceled" => BuildResult.Canceled,
        _ => null,
    };

    private static string OneLine(string text)
    {
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        return line.Length <= LongestProblem ? line : line[..LongestProblem] + "…";
    }
}
