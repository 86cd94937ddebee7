using RunnerImage.Claims;
using RunnerImage.Posix;
using RunnerImage.Runner;
using RunnerScaler.Protocol;

namespace RunnerImage.Entrypoint;

/// <summary>
/// Looks after the listener from its start to its end: starts it again where GitHub's own script would, gives the
/// identity back if the pod is to end before a job began, and lets a job that has begun end within the grace period.
/// </summary>
/// <param name="listener">The listener, configured.</param>
/// <param name="state">Tells whether a job has begun.</param>
/// <param name="claims">Takes the identity back.</param>
/// <param name="grace">The pod's grace period.</param>
/// <param name="stop">Completes when the pod is asked to end.</param>
/// <param name="builderFailed">Completes, with the reason, if the builder cannot be used.</param>
/// <param name="log">Told of what happens.</param>
/// <param name="time">The clock.</param>
internal sealed class Supervision(
    Listener listener, StateFolder state, ClaimClient claims, TimeSpan grace, Task stop, Task<string> builderFailed,
    Action<string> log, TimeProvider time)
{
    private static readonly TimeSpan Blink = TimeSpan.FromMilliseconds(200);

    /// <summary>An idle listener ends its session at GitHub and is gone in a second or two.</summary>
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(10);

    private readonly StopPlan plan = StopPlan.For(grace);
    private StopCause ending;
    private string? problem;

    /// <summary>Runs the listener until it has ended for good.</summary>
    /// <param name="started">Called when it has been started for the first time.</param>
    public async Task<PodEnd> RunAsync(Action started)
    {
        for (var times = 0; ; times++)
        {
            if (await LeaveAsync() is { } left)
                return left;
            var (process, unstarted) = listener.Start();
            if (process is null)
                return await GiveBackAsync(ExitReport.NotStarted, unstarted);
            if (times == 0)
                started();
            var end = await WatchAsync(process);
            var again = RelaunchRule.Decide(end, state.JobBegan, ending != StopCause.ByItself, times);
            if (again != Relaunch.AfterUpdate)
                process.KillGroup();
            if (again == Relaunch.No)
                return Conclude(end);
            log($"the runner ended with code {end.Code}; it is started again");
            await PauseAsync(again);
        }
    }

    /// <summary>Ends before the listener is started, if there is a reason to.</summary>
    private async Task<PodEnd?> LeaveAsync()
    {
        if (stop.IsCompleted)
            return await GiveBackAsync(ExitReport.Stopped, null);
        return builderFailed.IsCompletedSuccessfully
            ? await GiveBackAsync(ExitReport.BuilderFailed, await builderFailed)
            : null;
    }

    /// <summary>Ends without the listener ever having been started.</summary>
    public async Task<PodEnd> GiveBackAsync(ExitReport report, string? why)
    {
        SayGivenBack(await claims.ReturnAsync(CancellationToken.None));
        return new PodEnd(report, why);
    }

    private async Task<ProcessEnd> WatchAsync(ProcessGroup process)
    {
        var never = new TaskCompletionSource().Task;
        var (asked, failed) = (stop, (Task)builderFailed);
        while (true)
        {
            var first = await Task.WhenAny(process.Ended, asked, failed);
            if (first == process.Ended)
                return await process.Ended;
            var start = time.GetTimestamp();
            if (first == asked)
            {
                // Whatever comes later, the pod ends; and the builder does not matter any more.
                (asked, failed) = (never, never);
                if (!await EndIdleAsync(process, StopCause.Asked))
                    await EndJobAsync(process, start);
            }
            else
            {
                failed = never;
                if (await EndIdleAsync(process, StopCause.BuilderFailed))
                    problem = await builderFailed;
                else
                    log("the builder cannot be used, but a job has begun: it goes on");
            }
        }
    }

    /// <summary>Ends a listener that has no job: the registration first, then the process.</summary>
    /// <returns>False if it has a job.</returns>
    private async Task<bool> EndIdleAsync(ProcessGroup process, StopCause why)
    {
        if (HasJob(process))
            return false;
        var answer = await claims.ReturnAsync(CancellationToken.None);
        SayGivenBack(answer);
        // Where the controller did not say, what is seen here has to do.
        if (answer is ReturnAnswer.Busy || answer is not ReturnAnswer.Returned && HasJob(process))
            return false;
        ending = why;
        process.Signal(ProcessGroup.Interrupt);
        if (!await EndsWithinAsync(process, IdlePatience < plan.Kill ? IdlePatience : plan.Kill))
            process.KillGroup();
        return true;
    }

    /// <summary>Lets a job have the grace period, and stops it in time to have that reported.</summary>
    private async Task EndJobAsync(ProcessGroup process, long start)
    {
        log("the pod is asked to end while a job runs; "
            + $"the job has {plan.Interrupt.TotalSeconds:0} s to end by itself");
        if (await EndsWithinAsync(process, plan.Interrupt - time.GetElapsedTime(start)))
            return;
        ending = StopCause.Asked;
        problem = "the pod was asked to end, and its job was stopped because it had not ended in "
            + $"{plan.Interrupt.TotalSeconds:0} s: GitHub shows it as failed; a longer terminationGracePeriodSeconds "
            + "lets jobs end";
        log(problem);
        process.Signal(ProcessGroup.Interrupt);
        if (!await EndsWithinAsync(process, plan.Kill - time.GetElapsedTime(start)))
            process.KillGroup();
    }

    private async Task<bool> EndsWithinAsync(ProcessGroup process, TimeSpan most)
    {
        if (most > TimeSpan.Zero)
            await Task.WhenAny(process.Ended, Task.Delay(most, time));
        return process.Ended.IsCompleted;
    }

    /// <summary>Waits before the listener is started again, unless the pod is to end.</summary>
    private async Task PauseAsync(Relaunch again)
    {
        if (again == Relaunch.AfterPause)
        {
            await Task.WhenAny(stop, builderFailed, Task.Delay(RelaunchRule.Pause, time));
            return;
        }

        var flag = Path.Combine(listener.Folder, RelaunchRule.UpdateFinished);
        var start = time.GetTimestamp();
        while (!File.Exists(flag) && !stop.IsCompleted && time.GetElapsedTime(start) < RelaunchRule.UpdatePatience)
            await Task.WhenAny(stop, Task.Delay(Blink, time));
        try
        {
            File.Delete(flag);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log($"{flag} could not be removed ({error.GetType().Name})");
        }
    }

    private PodEnd Conclude(ProcessEnd end)
    {
        var began = state.JobBegan;
        var deleted = !began && ListenerDiary.SaysRegistrationDeleted(listener.Folder);
        var report = ExitReport.Of(end, began, ending, deleted);
        return new PodEnd(report, problem ?? report.Outcome switch
        {
            ExitOutcome.RunnerOutdated => "GitHub takes no jobs from runners of this version any more; make the image "
                + "anew from GitHub's latest runner image",
            ExitOutcome.RunnerKilled => $"the runner was ended by signal {end.Signal}"
                + (end.Signal == ProcessGroup.Kill ? "; if that was for its memory, raise the container's limit" : ""),
            ExitOutcome.RunnerFailed or ExitOutcome.JobAbandoned =>
                $"the runner ended with code {report.Code}; its own lines in this container's log say why",
            ExitOutcome.NoJob => "the runner ended without a job; GitHub removes registrations that wait for long",
            _ => null,
        });
    }

    private bool HasJob(ProcessGroup process) => state.JobBegan || WorkerProcess.IsRunning(process.Pid);

    private void SayGivenBack(ReturnAnswer answer) => log(answer switch
    {
        ReturnAnswer.Returned => "the identity was given back",
        ReturnAnswer.Busy => "the runner has been given a job: it goes on",
        ReturnAnswer.Refused(var why) => $"the identity could not be given back: {why}",
        _ => "the identity could not be given back; the controller removes it when the pod is gone",
    });
}
