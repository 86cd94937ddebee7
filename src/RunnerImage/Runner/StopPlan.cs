namespace RunnerImage.Runner;

/// <summary>When to do what with a job that runs while the pod is asked to end, counted from then.</summary>
/// <param name="Interrupt">When the listener is interrupted: it then cancels the job and reports that.</param>
/// <param name="Kill">When everything that is left is killed.</param>
internal readonly record struct StopPlan(TimeSpan Interrupt, TimeSpan Kill)
{
    /// <summary>
    /// What the listener needs to cancel a job properly: it gives the worker 45 s, in which the steps are ended and
    /// the steps with <c>always()</c> run, and then reports.
    /// </summary>
    public static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(60);

    /// <summary>What this program needs to write its message before the kubelet kills it.</summary>
    public static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The job has all of the grace period but what cancelling it takes; a short one is all for that.
    /// </summary>
    /// <param name="grace">The pod's grace period.</param>
    public static StopPlan For(TimeSpan grace)
    {
        var kill = grace - LastWords;
        if (kill < TimeSpan.Zero)
            kill = TimeSpan.Zero;
        var interrupt = kill - CancelTime;
        return new StopPlan(interrupt > TimeSpan.Zero ? interrupt : TimeSpan.Zero, kill);
    }
}
