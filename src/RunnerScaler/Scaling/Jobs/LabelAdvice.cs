using System.Globalization;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>What is probably meant by labels of a job that no pool has.</summary>
internal static class LabelAdvice
{
    public const string SelfHosted = "self-hosted";

    /// <summary>GitHub's own bound for a label.</summary>
    private const int LongestLabel = 256;

    private const int MostTypos = 2;

    private static readonly char[] Between = [',', ';', '|', '[', ']', '"', '\'', ' ', '\t', '\r', '\n', '\u00a0'];

    /// <summary>
    /// Whether a job that shares no label with any pool was meant for self-hosted runners all the same: a label names
    /// one of theirs in another spelling. Jobs for GitHub's own runners stand in the same lists.
    /// </summary>
    public static bool IsMeantFor(Pool pool, Job job) => job.Labels.Any(label =>
        label.Contains("${{", StringComparison.Ordinal)
        || Parts(label).Any(part => IsSelfHosted(part) || (part.Length < label.Length && pool.Labels.Contains(part))));

    /// <summary>One sentence on the first label that the pool has not; empty if nothing is known to be meant.</summary>
    public static string For(Pool pool, Job job)
    {
        foreach (var label in job.Labels.Where(l => !pool.Labels.Contains(l)))
            if (About(pool, label) is { } advice)
                return $" {label.Quote(60)} {advice}.";
        return "";
    }

    /// <summary>
    /// What a label that the pool has not is, as the rest of a sentence that begins with it; null if nothing is known.
    /// </summary>
    public static string? About(Pool pool, string label)
    {
        if (label.Contains("${{", StringComparison.Ordinal))
            return "is an expression that GitHub did not evaluate: see runs-on in the workflow";
        if (label.Length > LongestLabel)
            return string.Create(
                CultureInfo.InvariantCulture,
                $"has {label.Length} characters, and no runner can have more than {LongestLabel}");
        var parts = Parts(label).ToArray();
        if (parts.Length > 1 && parts.Any(p => pool.Labels.Contains(p) || IsSelfHosted(p)))
            return $"is one label to GitHub: write a list, runs-on: [{string.Join(", ", parts).Shown(60)}]";
        if (parts.Length == 1 && pool.Labels.FirstOrDefault(l => Same(l, parts[0])) is { } same && parts[0] != label)
            return $"has characters around the label {same.Quote()}: remove them";
        return NearestTo(pool, label) is { } near ? $"is nearest to the label {near.Quote()}" : null;
    }

    /// <summary>The pool's label that is spelled almost the same; null if none is.</summary>
    public static string? NearestTo(Pool pool, string label) =>
        pool.Labels.Where(l => l.Length > MostTypos + 1 && Distance(l, label) <= MostTypos)
            .MinBy(l => Distance(l, label));

    private static string[] Parts(string label) =>
        label.Length > 4 * LongestLabel
            ? []
            : label.Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsSelfHosted(string part) => Distance(part, SelfHosted) <= MostTypos;

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    /// <summary>How many characters have to be changed, added or removed, whatever their case.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > MostTypos)
            return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1)));
            }
        }
        return row[b.Length];
    }
}
