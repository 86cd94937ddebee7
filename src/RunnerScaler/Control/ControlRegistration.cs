namespace RunnerScaler.Control;

/// <summary>
/// Registers the loops; the ports, a <see cref="TimeProvider"/> and <see cref="ControlOptions"/> come from elsewhere.
/// </summary>
internal static class ControlRegistration
{
    public static IServiceCollection AddControl(this IServiceCollection services) => services
        .AddSingleton<LeaderGate>()
        .AddSingleton<Heartbeats>()
        .AddSingleton<Refusals>()
        .AddSingleton<Reception>()
        .AddSingleton<Scaler>()
        .AddTerm();

    /// <summary>What a term of leadership knows and does: nothing of it can outlive the term.</summary>
    private static IServiceCollection AddTerm(this IServiceCollection services) => services
        .AddScoped<RunnerClock>()
        .AddScoped<LiveBoard>()
        .AddScoped<RunnerNotes>()
        .AddScoped<Authorities>()
        .AddScoped<PendingWrites>()
        .AddScoped<SlotPauses>()
        .AddScoped<PoolHistory>()
        .AddScoped<SlotHistory>()
        .AddScoped<GroupWatch>()
        .AddScoped<Assignments>()
        .AddScoped<TargetFaults>()
        .AddScoped<PoolQueue>()
        .AddScoped<RunnerQueue>()
        .AddScoped<Orphans>()
        .AddScoped<OpenEnds>()
        .AddScoped<Lanes>()
        .AddScoped<ClaimWaiters>()
        .AddScoped<PodCalls>()
        .AddScoped<Granter>()
        .AddScoped<ClaimDesk>()
        .AddScoped<ReturnDesk>()
        .AddScoped<StatusReporter>()
        .AddScoped<PoolReconciler>()
        .AddScoped<RunnerReconciler>()
        .AddScoped<Sweeper>()
        .AddScoped<QueueReader>()
        .AddScoped<ReconcileLoops>()
        .AddScoped<Messenger>()
        .AddScoped<Term>();
}
