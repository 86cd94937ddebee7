using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Sandbox.Scenario;

/// <summary>Plays a scenario's steps on an organisation, in real time.</summary>
internal sealed class Workload(ScenarioSpec scenario, string owner, Organization organization, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private int open;

    /// <summary>Whether everything was started, cancelled and run again that was to be.</summary>
    public bool IsPlayed { get; private set; }

    /// <summary>Plays all steps; returns when the last has been played, not when its jobs have ended.</summary>
    public async Task PlayAsync(CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var runs = new List<Task>();
        foreach (var step in scenario.Steps)
        {
            var wait = step.At - time.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, cancel);
            var run = organization.QueueRun($"{owner}/{step.Repository}", step.Workflow);
            runs.Add(FollowAsync(step, run.Id, cancel));
        }
        await Task.WhenAll(runs);
        IsPlayed = true;
    }

    /// <summary>How many runs are still being followed.</summary>
    public int Open => Volatile.Read(ref open);

    private async Task FollowAsync(WorkloadStep step, long runId, CancellationToken cancel)
    {
        Interlocked.Increment(ref open);
        try
        {
            if (step.CancelAfter is { } after)
            {
                await Task.Delay(after, time, cancel);
                Cancel(runId);
            }
            if (step.RerunFailed)
            {
                while (organization.JobsOf(runId).Any(j => j.Status != JobStatus.Completed))
                    await Task.Delay(Interval, time, cancel);
                organization.RerunRun(runId, failedOnly: true);
            }
        }
        finally
        {
            Interlocked.Decrement(ref open);
        }
    }

    private void Cancel(long runId)
    {
        try
        {
            organization.CancelRun(runId);
        }
        catch (GitHubRefusal refusal) when (refusal.StatusCode == StatusCodes.Status409Conflict)
        {
            // It was quicker than its owner, as happens with people, too.
        }
    }
}
