using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.Reconcile;

/// <summary>Has the pods of free slots made, and notes what comes of it.</summary>
internal sealed partial class PodCreator(
    IPodStore pods,
    PendingWrites pending,
    PoolMemory memory,
    Queues queues,
    StatusReporter reporter,
    PhaseTimings clock,
    WriteBounds bounds,
    ILogger<PodCreator> log)
{
    /// <summary>Makes the pods that a plan creates; returns at once.</summary>
    public void Create(PoolKey pool, Plan plan)
    {
        foreach (var (slot, purpose) in plan.Create.Zip(plan.CreateFor))
        {
            pending.Expect(pool, slot);
            Start(pool, slot, purpose);
        }
    }

    /// <summary>Asks again for those of which nobody knows whether they were made, when it is time to.</summary>
    public void CreateDue(PoolKey pool, int maxRunners)
    {
        foreach (var slot in pending.TakeDue(pool, maxRunners))
            Start(pool, slot, PodPurpose.AskedAgain);
    }

    private void Start(PoolKey pool, int slot, PodPurpose purpose) =>
        bounds.Pods.Start(() => CreateAsync(pool, slot, purpose));

    private async Task CreateAsync(PoolKey pool, int slot, PodPurpose purpose)
    {
        var sent = clock.Begin();
        try
        {
            Conclude(pool, slot, await pods.CreateAsync(pool, slot, purpose, CancellationToken.None), sent);
        }
        catch (LeadershipLostException)
        {
            pending.Failed(pool, slot);
            throw;
        }
        catch
        {
            AskAgain(pool, slot, null);
            throw;
        }
    }

    private void Conclude(PoolKey pool, int slot, CreateResult result, long sent)
    {
        switch (result)
        {
            case CreateResult.Created created:
                clock.Created(pool, sent);
                pending.Created(pool, slot, created.Uid);
                memory.Pauses.Clear(pool, slot);
                break;
            case CreateResult.AlreadyExists:
                pending.AlreadyExists(pool, slot);
                memory.Pauses.Clear(pool, slot);
                break;
            case CreateResult.Foreign foreign:
                pending.Foreign(pool, slot);
                reporter.Warn(pool, foreign.Problem.Reason.ToString(), foreign.Problem.Message);
                queues.Pools.Add(pool);
                break;
            case CreateResult.Refused refused:
                memory.Slots.Refused(pool, slot, refused.Problem.Message.TrimEnd('.'));
                // What the API server itself refuses may be the slot's problem; what the cluster lacks is the pool's.
                if (refused.Problem.Reason != ProblemReason.PodRefused)
                    memory.History.Refused(pool, refused.Problem.Message);
                LogRefused(pool, slot, refused.Problem.Message);
                reporter.Warn(pool, refused.Problem.Reason.ToString(), refused.Problem.Message);
                Rest(pool, slot, null);
                break;
            case CreateResult.NotNow notNow:
                LogRefused(pool, slot, notNow.Why);
                Rest(pool, slot, notNow.RetryAfter);
                break;
            case CreateResult.Unavailable unavailable:
                LogUnavailable(pool, slot, unavailable.Why);
                AskAgain(pool, slot, unavailable.RetryAfter);
                break;
        }
    }

    /// <summary>There is no pod: the slot is free, and rests before it is tried again.</summary>
    private void Rest(PoolKey pool, int slot, TimeSpan? retryAfter)
    {
        // In this order, so that no pass finds the slot free and not at rest.
        var until = memory.Pauses.Put(pool, slot, retryAfter);
        pending.Failed(pool, slot);
        queues.Pools.AddAt(pool, until);
    }

    /// <summary>There may be one: the slot stays taken, and its name makes asking again harmless.</summary>
    private void AskAgain(PoolKey pool, int slot, TimeSpan? retryAfter)
    {
        var at = memory.Pauses.Put(pool, slot, retryAfter);
        pending.Unknown(pool, slot, at);
        queues.Pools.AddAt(pool, at);
    }

    // What lasts is told once by whoever keeps the refusals.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Pool {Pool}: slot {Slot} was not created: {Why}")]
    private partial void LogRefused(PoolKey pool, int slot, string why);

    [LoggerMessage(Level = LogLevel.Debug,
        Message = "Pool {Pool}: whether slot {Slot} was created is not known: {Why}")]
    private partial void LogUnavailable(PoolKey pool, int slot, string why);
}
