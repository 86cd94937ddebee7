using RunnerImage.Buildx;
using RunnerImage.Registries;

namespace RunnerImage.Docker;

/// <summary>
/// Decides what becomes of a call of docker in a pod without a Docker daemon: a function of its arguments and of what
/// the pod is like.
/// </summary>
internal static class Wrapper
{
    private const string SetupBuildx = "docker/setup-buildx-action";

    private static readonly string[] Questions = ["version", "info"];

    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="facts">What the pod is like.</param>
    public static DockerDecision Decide(IReadOnlyList<string> arguments, DockerFacts facts)
    {
        if (!facts.HasBuilder || facts.HasDocker)
            return DockerDecision.PassOn;
        var flags = BuildxFlags.Docker.Read(arguments, 0, untilPositional: true);
        // A call that names a daemon has one; what the wrapper does not understand, it does not touch.
        if (flags.Exists(f => f.Kind != TokenKind.Flag || f.IsOn("help") || f.Is("host") || f.Is("context")))
            return DockerDecision.PassOn;
        string[] words = [.. arguments.Skip(flags.Count == 0 ? 0 : flags[^1].Start + flags[^1].Count)];
        if (words.Length == 0 || Array.Exists(words[1..Math.Min(words.Length, 3)], w => w is "--help"))
            return DockerDecision.PassOn;
        return QemuSetup.Answer(words, facts.Action)
            ?? (Questions.Contains(words[0]) && GivesUp(facts) ? Nothing : null)
            ?? (ImageCommands.Has(words) || IsSpecialLogin(words, facts)
                ? new DockerDecision(UsesImages: true, ConfigFolder: flags.FindLast(f => f.Is("config")).Value)
                : null)
            ?? Refuse(words, facts)
            ?? DockerDecision.PassOn;
    }

    private static DockerDecision Nothing { get; } =
        new("There is no Docker daemon here: builds run in BuildKit, without one.\n");

    /// <summary>
    /// Whether the action asks for Docker's version first and gives up if there is no daemon: setup-buildx-action
    /// before v2.5 (the others do not mind), and the old majors of its siblings. Newer ones take an answer for a daemon
    /// that could run containers.
    /// </summary>
    private static bool GivesUp(DockerFacts facts) =>
        facts.Action.Equals(SetupBuildx, StringComparison.OrdinalIgnoreCase)
        || (facts.Action.StartsWith(DockersActions.Owner, StringComparison.OrdinalIgnoreCase)
            && facts.ActionVersion.Split('.')[0] is "v1" or "v2" or "v3");

    /// <summary>
    /// Whether somebody logs in to a registry that Docker's CLI by itself would reach over TLS that it can check.
    /// </summary>
    private static bool IsSpecialLogin(string[] words, DockerFacts facts) => words is ["login", .. var rest]
        && facts.Registries.Any(r => (r.Http || r.Insecure)
            && rest.Any(w => RegistryAddress.HostOf(w).Equals(r.Host, StringComparison.OrdinalIgnoreCase)));

    private static DockerDecision? Refuse(string[] words, DockerFacts facts)
    {
        var isBuild = words is ["build", ..] or ["image" or "builder", "build", ..];
        var text = isBuild && facts.BuildKitIsOff
            ? "DOCKER_BUILDKIT=0 asks for the builder inside the Docker daemon, and this runner has none. Leave the "
                + "variable out: docker build then runs in the BuildKit of this runner."
            : DaemonCommands.Refusal(words);
        return text is null ? null : new(Refusal: Message.Error("docker", text));
    }
}
