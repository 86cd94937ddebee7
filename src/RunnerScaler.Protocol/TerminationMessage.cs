using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace RunnerScaler.Protocol;

/// <summary>
/// The line that the program in the pod leaves at its end, as <c>docs/claim-protocol.md</c> has it: written by the pod,
/// read from the pod's status by the controller. A job can write into it: what is out of bounds is left out, so that
/// it bends its own figures at most.
/// </summary>
internal sealed record TerminationMessage
{
    /// <summary>Kubernetes keeps no more of it. What is longer was not written by our program.</summary>
    public const int MostBytes = 4096;

    /// <summary>More builds are counted and not listed.</summary>
    public const int MostBuilds = 24;

    /// <summary>
    /// Of a problem; more than that is nobody's reading. Each character becomes 6 bytes at most (\uXXXX), so that a
    /// message without builds always fits.
    /// </summary>
    public const int LongestProblem = 500;

    private const int MostOmitted = 1_000_000;

    private static readonly TerminationMessage Nothing = new();
    private static readonly TerminationMessage Spoilt = new() { Unreadable = true };

    /// <summary>Whether a job began; null if it does not say.</summary>
    public bool? RanJob { get; init; }

    /// <summary>The container's exit code; null if it does not say.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What became of the pod; null if it says no word that we know.</summary>
    public ExitOutcome? Outcome { get; init; }

    /// <summary>The job; null if it does not say, or had none.</summary>
    public JobReport? Job { get; init; }

    /// <summary>What is wrong and what to do, for people; null if nothing is, or if it does not say.</summary>
    public string? Problem { get; init; }

    /// <summary>The member <c>phases</c>.</summary>
    public StartTimes Start { get; init; }

    /// <summary>The job's image builds, the oldest first.</summary>
    public ImmutableArray<Build> Builds { get; init; } = [];

    /// <summary>How many more there were.</summary>
    public int BuildsOmitted { get; init; }

    /// <summary>Whether it begins as our program's does, and is not what that writes.</summary>
    public bool Unreadable { get; init; }

    /// <summary>The message's bytes: one line, never more than <see cref="MostBytes"/>.</summary>
    public byte[] Write()
    {
        Build[] told = [.. Builds.Take(MostBuilds).Select(b => b.Bounded).OfType<Build>()];
        for (var kept = told.Length; ; kept--)
        {
            var bytes = Write(told.AsSpan(0, kept));
            if (bytes.Length <= MostBytes || kept == 0)
                return bytes;
        }
    }

    /// <summary>Anything but a JSON object says nothing. Nothing here throws.</summary>
    public static TerminationMessage Read(string? message)
    {
        if (message is null)
            return Nothing;
        if (ParseObject(message) is not { } root)
            return message.AsSpan().TrimStart().StartsWith('{') ? Spoilt : Nothing;
        var problem = TolerantJson.Text(root, "problem");
        var ranJob = TolerantJson.Flag(root, "ranJob");
        return new()
        {
            RanJob = ranJob,
            ExitCode = TolerantJson.Whole(root, "exitCode"),
            Outcome = Word.Read<ExitOutcome>(TolerantJson.Text(root, "outcome")),
            Job = TolerantJson.Member(root, "job") is { } job ? JobReport.Read(job) : null,
            Problem = Line(problem),
            Start = TolerantJson.Member(root, "phases") is { } phases ? StartTimes.Read(phases) : default,
            Builds = ReadBuilds(root),
            BuildsOmitted = Math.Clamp(TolerantJson.Whole(root, "buildsOmitted") ?? 0, 0, MostOmitted),
            Unreadable = (problem is null && TolerantJson.Member(root, "problem") is not null)
                || (ranJob is null && TolerantJson.Member(root, "ranJob") is not null),
        };
    }

    private static JsonElement? ParseObject(string message) => message.Length <= MostBytes
        ? TolerantJson.Object(Encoding.UTF8.GetBytes(message), MostBytes)
        : null;

    // The empty array is always the same one, so that pods without builds stay equal.
    private static ImmutableArray<Build> ReadBuilds(JsonElement root)
    {
        var read = TolerantJson.Each(root, "builds").Take(MostBuilds).Select(Build.Read).OfType<Build>().ToArray();
        return read.Length == 0 ? [] : [.. read];
    }

    private static string? Line(string? problem) =>
        problem is not null && PlainText.Line(problem, LongestProblem).Trim() is { Length: > 0 } line ? line : null;

    private byte[] Write(ReadOnlySpan<Build> told)
    {
        using var bytes = new MemoryStream(MostBytes);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (RanJob is { } ran)
                json.WriteBoolean("ranJob", ran);
            if (ExitCode is { } code)
                json.WriteNumber("exitCode", code);
            if (Outcome is { } outcome)
                json.WriteString("outcome", outcome.ToString());
            if (Job?.Bounded is { } job)
            {
                json.WritePropertyName("job");
                job.Write(json);
            }
            json.WriteString("problem", Line(Problem));
            json.WritePropertyName("phases");
            Start.Write(json);
            json.WriteStartArray("builds");
            foreach (var build in told)
                build.Write(json);
            json.WriteEndArray();
            json.WriteNumber("buildsOmitted", BuildsOmitted + Builds.Length - told.Length);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
