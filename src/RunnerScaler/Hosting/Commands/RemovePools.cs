using RunnerScaler.Kubernetes.Installing;

namespace RunnerScaler.Hosting.Commands;

/// <summary><c>remove-pools</c>: what has to be done before a release's controller goes.</summary>
internal static class RemovePools
{
    private const string Within = "within";
    private const string BestEffort = "best-effort";

    public static Command Command { get; } = new(
        "remove-pools",
        "Deletes the pools of a Helm release, and waits until its controller has removed their runners without a job.",
        [
            ReleaseArgument.Declared,
            new(Within, "60s", "how long it may take: 1s to 1h"),
            new(BestEffort, "false", "whether to end with 0 also if something is left; true or false"),
        ],
        RunAsync);

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var within = call.Duration(Within, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        var release = ReleaseArgument.Of(call);
        var bestEffort = call.Flag(BestEffort);
        using var api = call.Connect();
        var removal = new PoolRemoval(api, call.Options.Kubernetes.Namespaces, call.Time);
        var outcome = await removal.RemoveAsync(release, within, cancel);
        await call.Output.WriteLineAsync(outcome.Says);
        return outcome.Done || bestEffort ? ExitCode.Success : ExitCode.Failed;
    }
}
