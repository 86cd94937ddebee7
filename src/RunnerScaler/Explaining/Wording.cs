using System.Globalization;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Explaining;

/// <summary>How answers name things. What others wrote is bounded, and nothing of it is obeyed by a terminal.</summary>
internal static class Wording
{
    private const int LongestSentence = 1000;
    private const int LongestName = 100;
    private const int LongestUrl = 240;

    /// <summary>A sentence of ours that may quote others.</summary>
    public static string Sentence(string text) => PlainText.Line(text, LongestSentence);

    /// <summary>A sentence that somebody else ended with a full stop, or did not, to be gone on from.</summary>
    public static string Clause(string text) => Sentence(text).TrimEnd('.', ' ');

    public static string Name(string text) => text.Shown(LongestName);

    public static string Pod(Runner runner) => Slot.PodName(runner.Pool.Name, runner.Slot);

    public static JobLink Link(Job job) =>
        new(job.Id, Name(job.Repository.ToString()), Name(job.Name), Url(job));

    public static string Url(Job job) => job.Address.Shown(LongestUrl);

    public static string RunUrl(Job job) => job.RunAddress.Shown(LongestUrl);

    /// <summary>A length of time in the largest two units: <c>45 s</c>, <c>3 min 20 s</c>, <c>2 h 5 min</c>.</summary>
    public static string Span(TimeSpan time)
    {
        var seconds = Math.Max(0, (long)time.TotalSeconds);
        return seconds switch
        {
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min {seconds % 60} s"),
            < 86400 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} h {seconds / 60 % 60} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86400} d {seconds / 3600 % 24} h"),
        };
    }
}
