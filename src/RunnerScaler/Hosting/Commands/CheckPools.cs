using RunnerScaler.Kubernetes.Installing;

namespace RunnerScaler.Hosting.Commands;

/// <summary><c>check-pools</c>: what <c>helm test</c> runs.</summary>
internal static class CheckPools
{
    private const string Within = "within";

    public static Command Command { get; } = new(
        "check-pools",
        "Waits until the pools of a Helm release are ready, and says why those are not that are not.",
        [ReleaseArgument.Declared, new(Within, "60s", "how long to wait for it: 1s to 1h")],
        RunAsync);

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var within = call.Duration(Within, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        var release = ReleaseArgument.Of(call);
        using var api = call.Connect();
        var outcome = await new PoolProbe(api, call.Options.Kubernetes.Namespaces, call.Time)
            .WaitAsync(release, within, cancel);
        await (outcome.Done ? call.Output : call.Error).WriteLineAsync(outcome.Says);
        return outcome.Done ? ExitCode.Success : ExitCode.Failed;
    }
}

/// <summary>The argument by which commands are told whose pools are meant.</summary>
internal static class ReleaseArgument
{
    private const string Name = "release";

    public static CommandArgument Declared { get; } = new(Name, "", "which, as NAMESPACE/NAME");

    /// <exception cref="CommandException">It is not clear which.</exception>
    public static HelmRelease Of(CommandCall call) =>
        call.Text(Name).Split('/') is [{ Length: > 0 } ns, { Length: > 0 } name]
            ? new(ns, name)
            : throw new CommandException($"--{Name} is '{call.Text(Name)}': set NAMESPACE/NAME.");
}
