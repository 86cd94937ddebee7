namespace RunnerImage.Builders;

/// <summary>Where docker and buildx keep their files, by their own variables.</summary>
internal static class DockerFolders
{
    /// <summary>The folder of <c>config.json</c>: <c>DOCKER_CONFIG</c>, or <c>.docker</c> at home.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static string Docker(Func<string, string?> variable) =>
        variable("DOCKER_CONFIG") is { Length: > 0 } folder
            ? folder
            : Path.Combine(variable("HOME") is { Length: > 0 } home ? home : "/home/runner", ".docker");

    /// <summary>buildx's folder: <c>BUILDX_CONFIG</c>, or <c>buildx</c> in docker's.</summary>
    /// <inheritdoc cref="Docker" path="/param"/>
    public static string Buildx(Func<string, string?> variable) =>
        variable("BUILDX_CONFIG") is { Length: > 0 } folder ? folder : Path.Combine(Docker(variable), "buildx");
}
