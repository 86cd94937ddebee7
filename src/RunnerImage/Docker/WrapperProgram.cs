using RunnerImage.Engine;
using RunnerScaler.Protocol;

namespace RunnerImage.Docker;

/// <summary>The program under the name <c>docker</c>: asks <see cref="Wrapper"/> and does it.</summary>
internal static class WrapperProgram
{
    public const string Name = "docker";

    private const string Usual = "/usr/bin/docker";

    /// <returns>The exit code, unless this process has become the real docker.</returns>
    public static int Run(IReadOnlyList<string> arguments, JobPod pod, TextWriter output, TextWriter error)
    {
        var decision = Wrapper.Decide(arguments, new(
            pod.Mode != BuilderMode.None,
            pod.HasDocker,
            pod.Value(DockersActions.Variable) ?? "",
            pod.Value("GITHUB_ACTION_REF") ?? "",
            IsFalse(pod.Value("DOCKER_BUILDKIT")),
            PodRegistry.Read(pod.Value(PodVariables.Registries))));
        if (decision.Refusal is { } refusal)
        {
            new JobLog(pod, error).Say(refusal);
            return 1;
        }

        var docker = Find(pod.Value("PATH") ?? "", Environment.ProcessPath ?? "");
        if (decision.UsesImages)
            return new EngineProgram(decision.ConfigFolder is { Length: > 0 } folder
                ? pod.WithDockerConfig(folder)
                : pod, error).Run(docker, arguments);
        if (decision.Answer is not { } answer)
            return Programs.Become(docker, arguments, error);
        output.Write(answer);
        output.Flush();
        return 0;
    }

    /// <summary>The first docker on the path that is not this program.</summary>
    public static string Find(string path, string self)
    {
        var own = Programs.Resolve(self);
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Name))
            .FirstOrDefault(p => Programs.Resolve(p) is { } program && program != own) ?? Usual;
    }

    private static bool IsFalse(string? value) => value is "0" or "f" or "F" or "false" or "False" or "FALSE";
}
