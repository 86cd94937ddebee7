using RunnerScaler.Control.Claims;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Queue;
using RunnerScaler.Control.Reconcile;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Sweep;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Control.Terms;

/// <summary>
/// Registers the loops; the ports, a <see cref="TimeProvider"/> and <see cref="ControlOptions"/> come from elsewhere.
/// </summary>
internal static class ControlRegistration
{
    public static IServiceCollection AddControl(this IServiceCollection services) => services
        .AddSingleton<LeaderGate>()
        .AddSingleton<ICheck, RefusalCheck>()
        .AddSingleton<Heartbeats>()
        .AddSingleton<Refusals>()
        .AddSingleton<EndedRunners>()
        .AddSingleton<UnmatchedMemory>()
        .AddSingleton<RunnerVersions>()
        .AddSingleton<Reception>()
        .AddSingleton<Scaler>()
        .AddTerm();

    /// <summary>What a term of leadership knows and does: nothing of it can outlive the term.</summary>
    private static IServiceCollection AddTerm(this IServiceCollection services) => services
        .AddScoped<RecentFigures>()
        .AddScoped<PhaseTimings>()
        .AddScoped<JobBoardStore>()
        .AddScoped<RunnerNotes>()
        .AddScoped<Authorities>()
        .AddScoped<PendingWrites>()
        .AddScoped<SlotPauses>()
        .AddScoped<PoolHistory>()
        .AddScoped<SlotHistory>()
        .AddScoped<GroupWatch>()
        .AddScoped<Assignments>()
        .AddScoped<TargetProblems>()
        .AddScoped<PoolMemory>()
        .AddScoped<Queues>()
        .AddScoped<Orphans>()
        .AddScoped<OpenEnds>()
        .AddScoped<WriteBounds>()
        .AddScoped<ClaimWaiters>()
        .AddScoped<PodCalls>()
        .AddScoped<IdentityMaker>()
        .AddScoped<RunnerRegisterer>()
        .AddScoped<LostIdentities>()
        .AddScoped<ImmediateAnswers>()
        .AddScoped<ClaimHold>()
        .AddScoped<ClaimHandler>()
        .AddScoped<ReleaseHandler>()
        .AddScoped<PoolReadings>()
        .AddScoped<InquiryHandler>()
        .AddScoped<RequestHandlers>()
        .AddScoped<StatusReporter>()
        .AddScoped<PoolGathering>()
        .AddScoped<PodCreator>()
        .AddScoped<PlanApplier>()
        .AddScoped<PoolReconciler>()
        .AddScoped<KnownRunners>()
        .AddScoped<RunnerConclusion>()
        .AddScoped<RunnerEnds>()
        .AddScoped<RunnerUpkeep>()
        .AddScoped<RunnerRemoval>()
        .AddScoped<RunnerSchedule>()
        .AddScoped<RunnerReconciler>()
        .AddScoped<Suspects>()
        .AddScoped<RegistrationSweep>()
        .AddScoped<OrphanRemoval>()
        .AddScoped<Sweeper>()
        .AddScoped<WorkLoops>()
        .AddScoped<QueueReader>()
        .AddScoped<BusyCheck>()
        .AddScoped<SetListeners>()
        .AddScoped<ScaleSetReader>()
        .AddScoped<Feeds>()
        .AddScoped<ReconcileLoops>()
        .AddScoped<RunnerNews>()
        .AddScoped<Messenger>()
        .AddScoped<Term>();
}
