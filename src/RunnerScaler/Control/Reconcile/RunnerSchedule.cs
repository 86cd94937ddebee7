using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Says what there is to do for a runner, and when.</summary>
internal sealed class RunnerSchedule(
    KnownRunners runners, Authorities authorities, LeaderGate gate, TimeProvider time)
{
    public (Runner Runner, LifecycleStep Step) Of(PodFacts pod)
    {
        var runner = runners.Of(pod);
        return (runner, Lifecycle.Next(
            runner, authorities.Of(pod)?.Deadlines ?? new Deadlines(), gate.OpenSince, time.GetUtcNow(),
            authorities.AuthorityOf(pod)));
    }
}
