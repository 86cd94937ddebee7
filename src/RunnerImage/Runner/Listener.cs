using RunnerImage.Posix;

namespace RunnerImage.Runner;

/// <summary>
/// GitHub's listener, which takes the job: <c>bin/Runner.Listener run</c> in the runner's folder, without
/// <c>run.sh</c>, which turns nearly every exit code into 0.
/// </summary>
/// <param name="folder">The runner's folder.</param>
/// <param name="environment">All of its environment, without a JIT config.</param>
internal sealed class Listener(string folder, IReadOnlyDictionary<string, string> environment)
{
    private Dictionary<string, string> current = [];

    public string Folder => folder;

    /// <summary>Hands the identity over.</summary>
    /// <param name="jitConfig">The JIT config.</param>
    /// <param name="log">Told if it has to go the way that GitHub documents.</param>
    /// <returns>What is wrong, in a sentence; null if nothing is.</returns>
    public string? Configure(string jitConfig, Action<string> log)
    {
        current = new(environment, StringComparer.Ordinal);
        if (JitFiles.Decode(jitConfig) is not { } files)
        {
            log($"the JIT config is of a form that is not known here; the runner gets it as {JitFiles.Variable}, "
                + "where its job can read it");
            current[JitFiles.Variable] = jitConfig;
            return null;
        }

        try
        {
            JitFiles.Write(folder, files);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"the runner's folder {folder} cannot be written ({error.GetType().Name}); it must belong to the "
                + "user of this container";
        }
    }

    /// <summary>Starts it.</summary>
    /// <returns>The process, or what is wrong.</returns>
    public (ProcessGroup? Process, string? Problem) Start()
    {
        var path = Path.Combine(folder, "bin", "Runner.Listener");
        return ProcessGroup.Start(path, ["run"], folder, current, out var error) is { } process
            ? (process, null)
            : (null, $"{path} could not be started (error {error}); the image must be made from GitHub's runner image");
    }
}
