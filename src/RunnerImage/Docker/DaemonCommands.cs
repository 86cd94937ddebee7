namespace RunnerImage.Docker;

/// <summary>The commands of docker that do nothing without a daemon, and what to do instead.</summary>
internal static class DaemonCommands
{
    private const string Run =
        "Call the program in the step itself, or in a RUN of a Dockerfile (docker build --target test .); what needs "
        + "containers (services:, container:, testcontainers) belongs on a pool whose template brings a Docker daemon "
        + "and sets DOCKER_HOST.";

    private const string Compose =
        "Build its images with docker buildx bake -f compose.yaml --push; run its services on a pool whose template "
        + "brings a Docker daemon and sets DOCKER_HOST.";

    private const string Other =
        "Use a pool whose template brings a Docker daemon and sets DOCKER_HOST.";

    private static readonly Dictionary<string, string> Advice = Table(
        (Run, "run exec start stop restart kill ps logs attach commit diff wait top stats port pause unpause "
            + "rename update container"),
        (Other, "events search system volume network swarm service stack node secret config plugin checkpoint"));

    /// <summary>Those of compose that only read files, or build.</summary>
    private static readonly string[] ComposeWithout = ["config", "convert", "version", "build", "publish", "bridge"];

    /// <returns>Null if it needs no daemon, or is no command of docker's own.</returns>
    public static string? Refusal(string[] words) => words switch
    {
        // It is buildx that runs these.
        ["image" or "builder", "build", ..] => null,
        ["compose", .. var rest] => ComposeCommand(rest) is { } command && !ComposeWithout.Contains(command)
            ? Sentence($"compose {command}", Compose)
            : null,
        [var command, ..] when Advice.TryGetValue(command, out var advice) => Sentence(
            (advice == Other && command is not ("events" or "search")) || command is "container"
                ? string.Join(' ', words.Take(2).TakeWhile(w => !w.StartsWith('-')))
                : command,
            advice),
        _ => null,
    };

    private static string? ComposeCommand(string[] words)
    {
        string[] valued =
            ["-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi",
                "--progress", "--parallel"];
        for (var i = 0; i < words.Length; i++)
            if (!words[i].StartsWith('-'))
                return words[i];
            else if (valued.Contains(words[i]))
                i++;
        return null;
    }

    private static string Sentence(string command, string advice) =>
        $"docker {command} needs a Docker daemon, and this runner has none: it builds with BuildKit. {advice}";

    private static Dictionary<string, string> Table(params (string Advice, string Commands)[] rows) => rows
        .SelectMany(r => r.Commands.Split(' ').Select(c => (Command: c, r.Advice)))
        .ToDictionary(r => r.Command, r => r.Advice, StringComparer.Ordinal);
}
