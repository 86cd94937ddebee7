using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.World;
using Conditions = RunnerScaler.Scaling.Pools.Conditions;

namespace RunnerScaler.Simulation.Promises;

/// <summary>What a pool has while a job of its waits.</summary>
/// <param name="HasClaiming">A pod asks for an identity.</param>
/// <param name="HasStarting">A pod is on its way: that it is slow is nobody's refusal.</param>
/// <param name="IsFull">There can be no more of them.</param>
internal readonly record struct PoolPods(bool HasClaiming, bool HasStarting, bool IsFull);

/// <summary>What a pool's conditions have to say while something stands in the way of its jobs.</summary>
internal sealed class ConditionRule(Env env)
{
    /// <summary>By then what stands has been met, told and written.</summary>
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(120);

    /// <summary>A pass, a lost answer or two, and the status on its way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    /// <param name="status">What the pool says while a job waits.</param>
    /// <param name="pods">What it has.</param>
    /// <param name="assign">How long a job may wait beside an idle runner before that is told.</param>
    /// <returns>What is wrong with that, and how long it may be so; null if the pool tells.</returns>
    public (string What, TimeSpan Patience)? Complaint(PoolReport status, PoolPods pods, TimeSpan assign)
    {
        if (IsSilenced || IsPassedOver(status))
            return null;
        var ready = Find(status, Conditions.Ready);
        var rights = Find(status, Conditions.RightsMissing);
        var isRead = Find(status, Conditions.QueueRead)?.Holds == true;
        if (pods.HasClaiming && isRead && IsRefusing && ready is { Reason: "Serving" })
            return ($"GitHub refuses registrations, but it says {ready}", Waits.Every * 3);
        if (pods.HasStarting || pods.IsFull)
            return null;
        if (isRead && Lasting.FirstOrDefault(o => o.StopsPods) is { } obstacle)
        {
            return rights is { Holds: true } && ready is { Holds: not true }
                ? null
                : ($"no pod can be made ({obstacle.Reason}), but it says {ready} and {rights}", Waits.Every * 3);
        }
        var isToldInPart = ready is { Reason: "ServingInPart" } && AllWait(status, WaitReason.PoolNotReady);
        return isToldInPart || status.Conditions.Any(IsTold)
            ? null
            : ($"it says {string.Join("; ", status.Conditions)}", Patience + assign);
    }

    /// <summary>For jobs that GitHub gives to nobody nothing is asked that could be refused.</summary>
    private static bool IsPassedOver(PoolReport status) => AllWait(status, WaitReason.NotAssigned);

    private static bool AllWait(PoolReport status, WaitReason reason) =>
        status.Unserved.GetValueOrDefault(reason) is > 0 and var count && count >= status.Jobs.Queued;

    /// <summary>Nothing can be told while the status cannot be written.</summary>
    private bool IsSilenced => env.Api.Standing.Any(o => o.Stops(new("patch", "runnerpools/status", "default", "any")));

    /// <summary>Whether GitHub has refused registrations for a while, and has answered all that time.</summary>
    private bool IsRefusing
    {
        get
        {
            var now = env.Scheduler.Elapsed;
            return now < env.Refuses.Until && now - env.Refuses.From > Told
                && now - env.SilentUntil > Told && now - env.LimitedUntil > Told;
        }
    }

    private IEnumerable<Obstacle> Lasting => env.Api.Standing.Where(o => env.Scheduler.Elapsed - o.From > Told);

    private static PoolCondition? Find(PoolReport status, string type) =>
        status.Conditions.FirstOrDefault(c => c.Type == type);

    private static bool IsTold(PoolCondition condition) => condition.Type switch
    {
        Conditions.Ready or Conditions.QueueRead => condition.Holds != true,
        _ => condition.Holds == true,
    };
}
