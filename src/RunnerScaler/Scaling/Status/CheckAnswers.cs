using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Status;

/// <summary>How good what was looked at is.</summary>
internal enum CheckLevel
{
    /// <summary>Nothing need be done.</summary>
    Ok,

    /// <summary>Jobs are served, and a person should look.</summary>
    Warning,

    /// <summary>Jobs are not served, or soon will not be.</summary>
    Failure,
}

/// <summary>What one check found.</summary>
/// <param name="Check">What was looked at: a word or two, such as <c>clock</c>.</param>
/// <param name="Level">How good it is.</param>
/// <param name="About">The object, such as <c>pool ci/linux</c>; null for the whole.</param>
/// <param name="Sentence">What was found.</param>
/// <param name="Remedy">What to do; null if nothing need be.</param>
internal sealed record CheckAnswer(string Check, CheckLevel Level, string? About, string Sentence, string? Remedy)
{
    public static CheckAnswer Fine(string check, string? about, string sentence) =>
        new(check, CheckLevel.Ok, about, sentence, null);
}

/// <summary>What all checks found.</summary>
internal sealed record ChecksAnswer(ImmutableArray<CheckAnswer> Checks)
{
    /// <summary>The worst of all.</summary>
    public CheckLevel Level => Checks.IsEmpty ? CheckLevel.Ok : Checks.Max(c => c.Level);
}
