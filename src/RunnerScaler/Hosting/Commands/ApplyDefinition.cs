using RunnerScaler.Kubernetes.Installing;

namespace RunnerScaler.Hosting.Commands;

/// <summary>
/// <c>apply-crds</c>: what Helm does not do when a release is upgraded or rolled back
/// (<see href="https://helm.sh/docs/chart_best_practices/custom_resource_definitions/"/>).
/// </summary>
internal static class ApplyDefinition
{
    private const string Within = "within";

    public static Command Command { get; } = new(
        "apply-crds",
        "Applies the definition of RunnerPool that this release has, and waits until it is served.",
        [new(Within, "60s", "how long it may take: 1s to 10m")],
        RunAsync);

    private static async Task<int> RunAsync(CommandCall call, CancellationToken cancel)
    {
        var within = call.Duration(Within, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        using var api = call.Connect();
        var outcome = await new DefinitionSetup(api, PoolDefinition.Read(), call.Time).ApplyAsync(within, cancel);
        await (outcome.Done ? call.Output : call.Error).WriteLineAsync(outcome.Says);
        return outcome.Done ? ExitCode.Success : ExitCode.Failed;
    }
}
