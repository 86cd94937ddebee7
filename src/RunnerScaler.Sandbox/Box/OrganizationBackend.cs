using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Sandbox.Box;

/// <summary>Behaves as GitHub's runner does towards an <see cref="Organization"/>: connects, takes one job, works, reports.</summary>
internal sealed class OrganizationBackend(Organization organization, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <returns>Whether a job ran; null if the identity was not accepted.</returns>
    public async Task<bool?> RunAsync(string jitConfig, CancellationToken stop)
    {
        if (organization.Connect(jitConfig) is not { } session)
            return null;
        try
        {
            if (await WaitForJobAsync(session, stop) is not { } job)
                return false;
            await WorkAsync(session, job);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            organization.Disconnect(session, graceful: true);
            return false;
        }
    }

    private async Task<Job?> WaitForJobAsync(RunnerSession session, CancellationToken stop)
    {
        while (organization.StateOf(session) is SessionState.Idle or SessionState.Assigned)
        {
            if (organization.TryTake(session) is { } job)
                return job;
            await Task.Delay(Poll, time, stop);
        }
        return null;
    }

    // A runner that is asked to end while it has a job goes on: Kubernetes gives it its grace period.
    private async Task WorkAsync(RunnerSession session, Job job)
    {
        var began = time.GetTimestamp();
        while (time.GetElapsedTime(began) < job.Duration && organization.StateOf(session) == SessionState.Running)
            await Task.Delay(Poll, time, CancellationToken.None);
        var cancelled = organization.StateOf(session) == SessionState.Cancelling;
        organization.Complete(session, cancelled ? JobConclusion.Cancelled : job.EndsAs);
    }
}
