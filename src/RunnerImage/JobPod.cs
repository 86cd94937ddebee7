using System.Text.Json;

namespace RunnerImage;

/// <summary>What a program in the pod finds around itself: variables, folders, and whether there is a Docker daemon.</summary>
/// <param name="Variable">Reads an environment variable; null if it is not set.</param>
internal sealed record JobPod(Func<string, string?> Variable)
{
    private const string DockerSocket = "/var/run/docker.sock";
    private const string DefaultStateFolder = "/run/runnerscaler";

    public static JobPod OfProcess() => new(Environment.GetEnvironmentVariable);

    public string StateFolder => Value(PodVariables.StateFolder) ?? DefaultStateFolder;

    /// <summary>The folder of Docker's configuration.</summary>
    public string DockerConfig => Value("DOCKER_CONFIG") ?? Path.Combine(Value("HOME") ?? "/", ".docker");

    /// <summary>Whether a Docker daemon can be meant: the job or the pool's template brought one.</summary>
    public bool HasDocker =>
        Value("DOCKER_HOST") is not null
        || Value("DOCKER_CONTEXT") is not (null or "default")
        || File.Exists(DockerSocket)
        || CurrentContext() is not (null or "" or "default");

    /// <summary>A variable's value; null if it is empty, too.</summary>
    public string? Value(string name) => Variable(name) is { Length: > 0 } value ? value : null;

    private string? CurrentContext()
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(DockerConfig, "config.json")));
            return json.RootElement.TryGetProperty("currentContext", out var context) ? context.GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or InvalidOperationException)
        {
            return null;
        }
    }
}
