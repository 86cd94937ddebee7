using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Puts the next try of what failed off: twice as long each time, longer if an operator has to act.
/// </summary>
internal sealed class Setback
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestRefusal = TimeSpan.FromMinutes(5);

    private int failures;

    /// <summary>Why the latest try failed; null if it did not.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>It is not tried before this.</summary>
    public DateTimeOffset NotBefore { get; private set; }

    public void Failed(DateTimeOffset at, Problem problem)
    {
        Problem = problem;
        var longest = problem.Passes ? LongestPause : LongestRefusal;
        var pause = FirstPause * Math.Pow(2, Math.Min(failures++, 10));
        NotBefore = at + (pause < longest ? pause : longest);
    }

    public void Over() => (failures, Problem, NotBefore) = (0, null, default);

    /// <summary>The reason to wait is another's: no failure.</summary>
    public void Postpone(DateTimeOffset until) => NotBefore = until;
}
