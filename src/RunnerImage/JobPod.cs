using System.Text.Json;
using RunnerImage.Builders;
using RunnerImage.Buildx;
using RunnerScaler.Protocol;

namespace RunnerImage;

/// <summary>
/// What a program in the pod finds around itself: variables, folders, and whether there is a Docker daemon.
/// </summary>
/// <param name="Variable">Reads an environment variable; null if it is not set.</param>
internal sealed record JobPod(Func<string, string?> Variable)
{
    private const string DockerSocket = "/var/run/docker.sock";

    /// <summary>What docker compose sets for buildx where nobody has chosen a daemon.</summary>
    private const string UsualHost = "unix://" + DockerSocket;

    public static JobPod OfProcess() => new(Environment.GetEnvironmentVariable);

    public string StateFolder => Value(PodVariables.StateFolder) ?? Entrypoint.StateFolder.Default;

    /// <summary>The folder of Docker's configuration.</summary>
    public string DockerConfig => DockerFolders.Docker(Variable);

    /// <summary>Where buildx keeps its builders.</summary>
    public string BuildxFolder => DockerFolders.Buildx(Variable);

    /// <summary>Where builds of this pod run.</summary>
    public BuilderMode Mode => Value(PodVariables.BuilderMode) switch
    {
        nameof(BuilderMode.Sidecar) => BuilderMode.Sidecar,
        nameof(BuilderMode.Shared) => BuilderMode.Shared,
        // A step may have cleared its environment; the entrypoint reports a builder only where there is a sidecar.
        null when StoredState.Read(StateFolder) is not null => BuilderMode.Sidecar,
        _ => BuilderMode.None,
    };

    /// <summary>BuildKit's address for the job of this pod.</summary>
    public string BuilderAddress => BuilderAddresses.Choose(
        BuilderAddresses.Parse(Value(PodVariables.BuilderAddresses) ?? StoredState.Read(StateFolder)?.Address),
        Value("GITHUB_REPOSITORY") ?? "");

    /// <summary>Where the client certificate of a shared daemon is; null if there is none.</summary>
    public string? TlsFolder => Mode == BuilderMode.Shared ? Value(PodVariables.BuilderTls) : null;

    /// <summary>Whether a Docker daemon can be meant: the job or the pool's template brought one.</summary>
    public bool HasDocker =>
        Value("DOCKER_HOST") is not (null or UsualHost)
        || Value("DOCKER_CONTEXT") is not (null or "default")
        || File.Exists(DockerSocket)
        || CurrentContext() is not (null or "" or "default");

    /// <summary>The same pod as a program sees it that is given another folder of Docker's configuration.</summary>
    public JobPod WithDockerConfig(string folder) => new(name => name == "DOCKER_CONFIG" ? folder : Variable(name));

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
