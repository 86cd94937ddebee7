namespace RunnerImage.Runner;

/// <summary>When to do what with a job that runs while the pod is asked to end, counted from then.</summary>
/// <param name="Interrupt">When the listener is interrupted: it then stops the job and reports it as failed.</param>
/// <param name="Kill">When everything that is left is killed.</param>
internal readonly record struct StopPlan(TimeSpan Interrupt, TimeSpan Kill)
{
    /// <summary>
    /// What the runner needs to end a job and to report that: the step that runs is interrupted, after 7.5 s
    /// terminated and after 2.5 s more killed (<c>ProcessInvoker</c>); the steps after it are skipped, those with
    /// <c>always()</c> as well (<c>StepsRunner</c>); what is left is for the job-completed hook and the last lines of
    /// the log. See https://github.com/actions/runner.
    /// </summary>
    public static readonly TimeSpan EndTime = TimeSpan.FromSeconds(25);

    /// <summary>What this program needs to write its message before the kubelet kills it.</summary>
    public static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The job has all of the grace period but what ending it takes; a short one is all for that.
    /// </summary>
    /// <param name="grace">The pod's grace period.</param>
    public static StopPlan For(TimeSpan grace)
    {
        var kill = grace - LastWords;
        if (kill < TimeSpan.Zero)
            kill = TimeSpan.Zero;
        var interrupt = kill - EndTime;
        return new StopPlan(interrupt > TimeSpan.Zero ? interrupt : TimeSpan.Zero, kill);
    }
}
