using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Takes in what the watch shows of pods, and has those looked at that there is something to do for.</summary>
internal sealed class RunnerNews(
    PendingWrites pending,
    RunnerEnds ends,
    RunnerSchedule schedule,
    Queues queues,
    PhaseTimings clock)
{
    /// <param name="before">The pod as it was; null if it has appeared.</param>
    /// <param name="after">As it is; null if it has vanished.</param>
    public void Changed(PodFacts? before, PodFacts? after)
    {
        if (before is not null && before.Uid != after?.Uid)
        {
            ends.Vanished(before);
            clock.Gone(before);
        }
        if (after is not null)
            clock.Saw(after);
        var pod = (after ?? before)!;
        pending.Observed(pod.Pool, pod.Slot, pod.Uid);
        queues.Pools.Add(pod.Pool);

        // What failed for one that is gone says nothing of the next in its slot.
        if (after is null)
            queues.Runners.Add(new(pod.Pool, pod.Slot));
        else
            Consider(after);
    }

    /// <summary>Has the runner looked at, now if there is something to do, else when there will be.</summary>
    public void Consider(PodFacts pod)
    {
        var key = new RunnerKey(pod.Pool, pod.Slot);
        var (_, step) = schedule.Of(pod);
        if (step.Action != LifecycleAction.Wait)
            queues.Runners.Add(key);
        else if (step.Next is { } due)
            queues.Runners.AddAt(key, due);
    }
}
