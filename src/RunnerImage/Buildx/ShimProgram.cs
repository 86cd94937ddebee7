namespace RunnerImage.Buildx;

/// <summary>The program under the name <c>docker-buildx</c>: asks <see cref="Shim"/> and does it.</summary>
internal sealed class ShimProgram(JobPod pod, TextWriter error)
{
    /// <summary>The image's own buildx, seen from the folder of this program.</summary>
    private const string ImagePath = "../real/docker-buildx";

    /// <summary>Runs a call.</summary>
    /// <returns>The exit code, unless this process has become another program.</returns>
    public int Run(IReadOnlyList<string> arguments)
    {
        var dockerConfig = BuildxLine.Parse(arguments).ConfigFolder ?? pod.DockerConfig;
        var self = Environment.ProcessPath ?? "";
        var image = Path.GetFullPath(ImagePath, AppContext.BaseDirectory);
        var real = RealBuildx.Choose(dockerConfig, image, self, Programs.Resolve);
        var decision = Shim.Decide(arguments, Facts(dockerConfig));
        new JobLog(pod.StateFolder, error).Say(decision.Messages);
        return decision.Action == ShimAction.Fail ? 1 : Programs.Become(real, decision.Arguments, error);
    }

    private ShimFacts Facts(string dockerConfig)
    {
        var mode = Enum.TryParse<BuilderMode>(pod.Value(PodVariables.BuilderMode), out var known)
            ? known
            : BuilderMode.None;
        var addresses = BuilderAddresses.Parse(pod.Value(PodVariables.BuilderAddresses));
        return new(
            mode,
            BuilderAddresses.Choose(addresses, pod.Value("GITHUB_REPOSITORY") ?? ""),
            pod.Value(PodVariables.BuilderTls),
            pod.HasDocker,
            pod.Value("BUILDX_BUILDER"),
            pod.Value("BUILDKIT_HOST"),
            BuildxStore.Of(pod.Variable, dockerConfig).EndpointsOf,
            ReadText);
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            return null;
        }
    }
}
