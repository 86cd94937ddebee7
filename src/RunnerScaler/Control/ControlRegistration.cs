namespace RunnerScaler.Control;

/// <summary>
/// Registers the loops; the ports, a <see cref="TimeProvider"/> and <see cref="ControlOptions"/> come from elsewhere.
/// </summary>
internal static class ControlRegistration
{
    public static IServiceCollection AddControl(this IServiceCollection services) => services
        .AddSingleton<LeaderGate>()
        .AddSingleton<Heartbeats>()
        .AddSingleton<RunnerClock>()
        .AddSingleton<LiveBoard>()
        .AddSingleton<RunnerNotes>()
        .AddSingleton<Authorities>()
        .AddSingleton<PendingWrites>()
        .AddSingleton<PoolHistory>()
        .AddSingleton<TargetFaults>()
        .AddSingleton<PoolQueue>()
        .AddSingleton<RunnerQueue>()
        .AddSingleton<Orphans>()
        .AddSingleton<Lanes>()
        .AddSingleton<ClaimWaiters>()
        .AddSingleton<Granter>()
        .AddSingleton<ClaimDesk>()
        .AddSingleton<ReturnDesk>()
        .AddSingleton<StatusReporter>()
        .AddSingleton<PoolReconciler>()
        .AddSingleton<RunnerReconciler>()
        .AddSingleton<Sweeper>()
        .AddSingleton<QueueReader>()
        .AddSingleton<Workers>()
        .AddSingleton<Scaler>();
}
