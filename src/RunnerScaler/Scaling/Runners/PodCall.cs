namespace RunnerScaler.Scaling.Runners;

/// <summary>
/// What a pod last made us ask GitHub. Whatever a pod sends, and however often, it causes one call a minute in the long
/// run; in between it is answered with what GitHub said last.
/// </summary>
/// <param name="RunnerName">The identity that was to be deleted.</param>
/// <param name="NextAt">From when on the pod may cause another call.</param>
/// <param name="Said">GitHub's answer; null while it is being asked.</param>
internal sealed record PodCall(string RunnerName, DateTimeOffset NextAt, Deletion? Said)
{
    /// <summary>What one call costs its pod.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>The note with a call begun; null if it is too early for one.</summary>
    /// <param name="note">The pod's note.</param>
    /// <param name="runnerName">The identity to delete.</param>
    /// <param name="now">The present time.</param>
    public static RunnerNote? Begin(RunnerNote note, string runnerName, DateTimeOffset now)
    {
        if (note.Call is { } last && now < last.NextAt)
            return null;

        // Without GitHub's id the name has to be looked up first.
        var cost = note.RunnerId is null ? 2 * Every : Every;
        return note with { Call = new(runnerName, now + cost, null) };
    }

    /// <summary>The same with one call more: the registration of the identity that follows a lost one.</summary>
    public PodCall Charged() => this with { NextAt = NextAt + Every };
}
