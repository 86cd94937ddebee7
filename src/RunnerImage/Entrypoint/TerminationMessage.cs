using System.Text.Json;
using System.Text.Json.Serialization;
using RunnerImage.Builds;

namespace RunnerImage.Entrypoint;

/// <summary>
/// The one line of JSON that the container leaves in <c>/dev/termination-log</c> and the controller reads from the
/// pod's status: <c>docs/claim-protocol.md</c>.
/// </summary>
/// <param name="RanJob">Whether a job began.</param>
/// <param name="ExitCode">The container's exit code.</param>
/// <param name="Outcome">A word of <see cref="Entrypoint.Outcome"/>.</param>
/// <param name="Problem">What is wrong and what to do, for people; null if nothing is.</param>
/// <param name="Phases">How long the parts of the start took.</param>
/// <param name="Builds">Builds, the oldest first.</param>
/// <param name="BuildsOmitted">How many more there were.</param>
internal sealed record TerminationMessage(
    bool RanJob,
    int ExitCode,
    string Outcome,
    string? Problem,
    PhaseSeconds Phases,
    IReadOnlyList<BuildNote> Builds,
    int BuildsOmitted)
{
    /// <summary>Kubernetes keeps no more of it.</summary>
    public const int MostBytes = 4096;

    /// <summary>More builds are not listed one by one.</summary>
    public const int MostBuilds = 24;

    /// <summary>Longer problems are cut first.</summary>
    private const int MostProblem = 1000;

    /// <summary>The message's bytes, never more than <see cref="MostBytes"/>.</summary>
    /// <param name="report">How it ended.</param>
    /// <param name="problem">What is wrong; null if nothing is.</param>
    /// <param name="phases">How long the parts of the start took.</param>
    /// <param name="builds">All builds, the oldest first.</param>
    public static byte[] Render(
        ExitReport report, string? problem, Phases phases, IReadOnlyList<BuildNote> builds)
    {
        var message = new TerminationMessage(
            report.RanJob, report.Code, report.Outcome.ToString(), Cut(problem, MostProblem),
            new PhaseSeconds(Rounded(phases.Builder), Rounded(phases.Claim), Rounded(phases.Listener)), [], 0);
        for (var kept = Math.Min(builds.Count, MostBuilds); ; kept--)
        {
            var bytes = Bytes(message with { Builds = [.. builds.Take(kept)], BuildsOmitted = builds.Count - kept });
            if (bytes.Length <= MostBytes)
                return bytes;
            if (kept == 0)
                break;
        }

        // Each character of a problem is at most 6 bytes (\uXXXX), and all the rest is short.
        return Bytes(message with { Problem = Cut(problem, 500), BuildsOmitted = builds.Count });
    }

    private static byte[] Bytes(TerminationMessage message) =>
        JsonSerializer.SerializeToUtf8Bytes(message, TerminationJson.Default.TerminationMessage);

    private static double? Rounded(double? seconds) => seconds is { } value ? Math.Round(value, 3) : null;

    private static string? Cut(string? text, int most) =>
        text is null || text.Length <= most ? text : text[..(most - 1)] + "…";
}

/// <summary><see cref="Entrypoint.Phases"/> as they are written: what did not happen is left out.</summary>
internal sealed record PhaseSeconds(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Builder,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Claim,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Listener);

/// <summary>JSON of the message, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TerminationMessage))]
internal sealed partial class TerminationJson : JsonSerializerContext;
