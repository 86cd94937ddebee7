using RunnerImage.Builders;
using RunnerScaler.Protocol;

namespace RunnerImage.Runner;

/// <summary>The environment of GitHub's listener, which each step of the job inherits.</summary>
internal static class ListenerEnvironment
{
    private const string RunnerInput = "ACTIONS_RUNNER_INPUT_";

    /// <summary>What makes the listener tell by its exit code how it went.</summary>
    private static readonly KeyValuePair<string, string>[] Added =
    [
        new("ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED", "true"),
        new("ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE", "1"),
    ];

    /// <param name="own">The entrypoint's own environment.</param>
    /// <param name="builder">Without a builder, buildx must not be told to use one.</param>
    public static Dictionary<string, string> For(IEnumerable<KeyValuePair<string, string>> own, BuilderMode builder)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in own)
            if (Passes(name, builder))
                environment[name] = value;
        foreach (var (name, value) in Added)
            environment[name] = value;
        if (builder != BuilderMode.None)
            environment.TryAdd(BuilderEntry.Variable, BuilderEntry.Name);
        return environment;
    }

    private static bool Passes(string name, BuilderMode builder)
    {
        if (name.StartsWith(RunnerInput, StringComparison.OrdinalIgnoreCase))
            return false;
        if (name == BuilderEntry.Variable)
            return builder != BuilderMode.None;
        return !name.StartsWith(PodVariables.Prefix, StringComparison.Ordinal)
            || PodVariables.ForJobs.Contains(name, StringComparer.Ordinal);
    }
}
