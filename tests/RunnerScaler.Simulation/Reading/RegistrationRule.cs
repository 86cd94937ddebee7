using RunnerScaler.Control.Ports;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Pools;
using Runner = RunnerScaler.Sandbox.GitHub.Runner;

namespace RunnerScaler.Simulation.Reading;

/// <summary>Compares what is told of a registration with GitHub.</summary>
internal sealed class RegistrationRule(Organization github, RegistrationTarget target)
{
    private string name = "";
    private bool was;

    public RegistrationTarget Target => target;

    /// <summary>A request about this name begins.</summary>
    public void Begin(string runnerName) => (name, was) = (runnerName, Find(runnerName) is not null);

    /// <returns>What is untrue; null if nothing is.</returns>
    public string? Registered(JitResult result) => (result, Find(name) is not null) switch
    {
        (JitResult.Registered, false) => $"{name} is said to be registered",
        (JitResult.NameTaken, false) => $"the name {name} is said to be taken",
        (JitResult.Refused, true) when !was => $"{name} is registered, and said to be refused: {result}",
        (JitResult.Unavailable { MayExist: false }, true) when !was => $"{name} is said not to exist: {result}",
        _ => null,
    };

    /// <inheritdoc cref="Registered"/>
    public string? Removed(DeregisterResult result) => (result, Find(name)) switch
    {
        (DeregisterResult.Deleted or DeregisterResult.Gone, not null) => $"{name} is said to be gone",
        (DeregisterResult.Busy, { Busy: false }) or (DeregisterResult.Busy, null) => $"{name} is said to be busy",
        _ => null,
    };

    /// <inheritdoc cref="Registered"/>
    public string? Found(LookupResult result) => result is { Known: true } && was != result.Registration is not null
        ? $"{name} is said to be {(was ? "gone" : "there")}"
        : null;

    private Runner? Find(string runnerName) => github.RunnersOf("acme", runnerName).SingleOrDefault();
}
