using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Scaling.Planning;

/// <summary>Says of every queued job why it has no runner yet.</summary>
internal static class WaitReasons
{
    /// <param name="input">The pass.</param>
    /// <param name="admitted">The jobs to be served, and those that are not.</param>
    /// <param name="supply">The runners that they can be given to.</param>
    /// <param name="created">How many pods this pass creates.</param>
    public static ImmutableArray<WaitingJob> Reasons(PlanInput input, EligibleJobs admitted, Supply supply, int created)
    {
        var idle = supply.Idle
            .GroupBy(r => r.Target!.Value)
            .ToDictionary(g => g.Key, g => new Queue<Runner>(g.OrderBy(r => r.Note.RegisteredAt is null)));
        var unbound = new Queue<Runner>(supply.Unbound.OrderByDescending(r => r.State).ThenBy(r => r.Since));
        var result = ImmutableArray.CreateBuilder<WaitingJob>();
        foreach (var (job, target) in admitted.Jobs)
        {
            var (reason, detail, runner) = idle.GetValueOrDefault(target)?.TryDequeue(out var registered) == true
                ? OfRegistered(registered)
                : ProblemAt(input, target) ?? OfUnbound(input, unbound, ref created);
            result.Add(new(job, reason, detail) { Runner = runner });
        }
        result.AddRange(admitted.Others);
        return result.ToImmutable();
    }

    private static (WaitReason, string?, Runner?) OfRegistered(Runner runner) =>
        (runner.Note.GrantInFlight ? WaitReason.Registering : WaitReason.Assigning, null, runner);

    private static (WaitReason, string?, Runner?)? ProblemAt(PlanInput input, RegistrationTarget target)
    {
        if (input.Pool.Deleting)
            return (WaitReason.PoolNotReady, "the pool is being deleted", null);

        var problem = input.ProblemAt(target);
        return problem switch
        {
            null => null,
            { Reason: ProblemReason.RateLimited } => (WaitReason.BudgetPaused, problem.Message, null),
            _ => (WaitReason.PoolNotReady, problem.Message, null),
        };
    }

    private static (WaitReason, string?, Runner?) OfUnbound(PlanInput input, Queue<Runner> unbound, ref int created)
    {
        if (unbound.TryDequeue(out var runner))
            return runner switch
            {
                { State: RunnerState.Standby } => (WaitReason.Registering, null, runner),
                { Pod: null } => (WaitReason.Creating, null, runner),
                { Pod: { ScheduledAt: null } pod } => (WaitReason.Scheduling, Detail(pod), runner),
                { Pod: { } pod } => (WaitReason.Starting, Detail(pod), runner),
            };
        if (created-- > 0)
            return (WaitReason.Creating, null, null);
        return input.CreateNotBefore > input.Now || input.Paused.Values.Any(p => p.Until > input.Now)
            ? (WaitReason.BackingOff, input.Refusal, null)
            : (WaitReason.PoolFull, null, null);
    }

    private static string? Detail(PodFacts pod) =>
        pod.WaitingReason is null ? null : $"{pod.WaitingReason}: {pod.WaitingMessage}";
}
