using System.Globalization;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Status;

/// <summary>
/// Whether a scale set that seems to be listened to is deaf: jobs are assigned to it, a runner of its has been idle for
/// a while, and no message has come.
/// </summary>
internal static class FeedStall
{
    public static readonly TimeSpan After = TimeSpan.FromMinutes(3);

    /// <param name="jobs">The set's jobs.</param>
    /// <param name="target">Where its runners are registered.</param>
    /// <param name="fleet">Its pool's runners.</param>
    /// <param name="newsAt">When the last message came, or its session began.</param>
    /// <param name="now">The present.</param>
    /// <returns>Null if it is not.</returns>
    public static Problem? Of(
        AssignedJobs jobs, RegistrationTarget target, Fleet fleet, DateTimeOffset newsAt, DateTimeOffset now)
    {
        if (jobs.Queued == 0 || now - newsAt < After)
            return null;
        var idle = fleet.Runners.Count(r => r is { State: RunnerState.Registered, Note.GrantInFlight: false }
            && r.Target == target && now - (r.Note.RegisteredAt ?? r.Since) >= After);
        if (idle == 0)
            return null;
        return new(ProblemReason.Unreachable, string.Create(
            CultureInfo.InvariantCulture,
            $"GitHub says that {jobs.Queued} jobs of '{target}' are assigned to scale set '{jobs.Scope.ScaleSetName}' "
            + $"and wait, {idle} of its runners are idle, and nothing was told since {newsAt.UtcDateTime:u}")
            + ": the session is opened anew; if that does not help, see GitHub's status page");
    }
}
