using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.GitHub.Runners;

/// <summary>What may be done about the registrations at a target.</summary>
internal enum TargetState
{
    /// <summary>GitHub may be asked.</summary>
    Open,

    /// <summary>GitHub refused of late, until a person acts: it is not asked now.</summary>
    Paused,

    /// <summary>What they were registered at is gone, and they with it.</summary>
    Gone,
}

/// <summary>
/// Where GitHub refuses to look for or to delete registrations, so that nobody asks each minute for ever. Safe to use
/// from any thread.
/// </summary>
internal sealed class LostTargets(TimeProvider time)
{
    /// <summary>For how long, and how often, GitHub must have said that there is no such place to be
    /// believed.</summary>
    internal static readonly TimeSpan BelievedAfter = TimeSpan.FromMinutes(5);
    internal const int BelievedLooks = 3;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly Lock guard = new();
    private readonly Dictionary<RegistrationTarget, Loss> losses = [];

    public int Count
    {
        get
        {
            lock (guard)
                return losses.Count;
        }
    }

    /// <param name="target">Where.</param>
    /// <param name="version">The version of the credential: what was refused to another says nothing.</param>
    public TargetState StateOf(RegistrationTarget target, string version)
    {
        lock (guard)
        {
            if (!losses.TryGetValue(target, out var loss) || loss.Version != version || time.GetUtcNow() >= loss.AskAt)
                return TargetState.Open;
            return loss.IsGone ? TargetState.Gone : TargetState.Paused;
        }
    }

    /// <summary>GitHub has answered there.</summary>
    public void Answered(RegistrationTarget target)
    {
        lock (guard)
            losses.Remove(target);
    }

    /// <summary>GitHub has refused, and an operator has to act: it is asked again after a pause that doubles.</summary>
    public void Refused(RegistrationTarget target, string version) => Put(target, version, isMissing: false);

    /// <summary>GitHub says that there is no such place.</summary>
    /// <returns>Whether it has said so for long and often enough.</returns>
    public bool Missing(RegistrationTarget target, string version) => Put(target, version, isMissing: true).IsGone;

    private Loss Put(RegistrationTarget target, string version, bool isMissing)
    {
        lock (guard)
        {
            var now = time.GetUtcNow();
            foreach (var (old, known) in losses.Where(l => now - l.Value.AskAt > Longest).ToArray())
                losses.Remove(old);
            var before = losses.TryGetValue(target, out var found) && found.Version == version ? found : null;
            var pause = before is null ? First : before.Pause * 2 < Longest ? before.Pause * 2 : Longest;
            var since = isMissing ? before?.MissingSince ?? now : (DateTimeOffset?)null;
            var looks = isMissing ? (before?.MissingLooks ?? 0) + 1 : 0;
            return losses[target] = new(version, now + pause, pause, since, looks)
            {
                IsGone = now - since >= BelievedAfter && looks >= BelievedLooks,
            };
        }
    }

    private sealed record Loss(
        string Version, DateTimeOffset AskAt, TimeSpan Pause, DateTimeOffset? MissingSince, int MissingLooks)
    {
        public bool IsGone { get; init; }
    }
}
