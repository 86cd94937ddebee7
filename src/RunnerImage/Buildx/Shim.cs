using RunnerScaler.Protocol;

namespace RunnerImage.Buildx;

/// <summary>
/// Decides what becomes of a call of buildx: a function of its arguments and of what the pod is like.
/// </summary>
internal static class Shim
{
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="facts">What the pod is like.</param>
    public static Decision Decide(IReadOnlyList<string> arguments, ShimFacts facts)
    {
        var line = BuildxLine.Parse(arguments);
        if (facts.Mode == BuilderMode.None || line.AsksForHelp)
            return Decision.PassOn(arguments);
        var decision = Decide(line, facts);
        return facts.ChosenBuilder is { } builder && builder != facts.BuildxBuilder
            ? decision with { Builder = builder }
            : decision;
    }

    private static Decision Decide(BuildxLine line, ShimFacts facts) => line.Command switch
    {
        "create" => CreateRewrite.Decide(line, facts),
        "build" or "b" => BuildCheck.Build(line, facts),
        "bake" or "f" => BuildCheck.Bake(line, facts),
        "inspect" => Inspect(line, facts),
        "du" or "prune" => WithDaemon(line, facts),
        "imagetools" => ImageTools(line, facts),
        _ => Decision.PassOn(line.Arguments),
    };

    /// <summary>The builder that a command uses; null if that is the one last chosen by <c>use</c>.</summary>
    /// <param name="tokens">The arguments after the command.</param>
    public static string? BuilderOf(BuildxLine line, List<Token> tokens, ShimFacts facts)
    {
        var name = tokens.FindLast(t => t.Is("builder")).Value ?? line.Builder;
        name = string.IsNullOrEmpty(name) ? facts.ChosenBuilder : name;
        return string.IsNullOrEmpty(name) ? null : name;
    }

    /// <summary>Our address if the builder uses it; null if it is somebody else's, or that cannot be known.</summary>
    public static string? AddressOf(string? builder, ShimFacts facts)
    {
        if (builder is null)
            return null;
        var endpoints = facts.EndpointsOf(builder);
        var isOurs = endpoints?.Contains(facts.Address) ?? builder == ShimFacts.OurBuilder;
        return isOurs ? facts.Address : null;
    }

    /// <summary>Says that the builder is Docker's, if it is and there is no Docker.</summary>
    public static Message? NoDockerBuilder(string? builder, ShimFacts facts) =>
        builder == ShimFacts.DockerBuilder && !facts.HasDocker
            ? Message.Error("driver-docker",
                "The builder \"default\" is the Docker daemon, and this runner has none. Leave out \"driver: "
                + $"docker\", or choose the builder of this runner with --builder {ShimFacts.OurBuilder} or the "
                + $"variable BUILDX_BUILDER={ShimFacts.OurBuilder}.")
            : null;

    private static Decision Inspect(BuildxLine line, ShimFacts facts)
    {
        var tokens = BuildxFlags.Inspect.Read(line.Arguments, line.CommandAt + 1);
        if (tokens.Exists(t => t.IsOn("help")))
            return Decision.PassOn(line.Arguments);
        var builder = tokens.Find(t => t.Kind == TokenKind.Positional).Value ?? BuilderOf(line, tokens, facts);
        if (NoDockerBuilder(builder, facts) is { } message)
            return Decision.Refuse(line.Arguments, message);
        var address = tokens.FindLast(t => t.Is("bootstrap")).IsOn("bootstrap") ? AddressOf(builder, facts) : null;
        return Decision.PassOn(line.Arguments) with { Address = address };
    }

    private static Decision ImageTools(BuildxLine line, ShimFacts facts)
    {
        var tokens = BuildxFlags.ImageTools.Read(line.Arguments, line.CommandAt + 1);
        return Decision.PassOn(line.Arguments) with
        {
            AsksRegistries = true,
            Asker = BuilderOf(line, tokens, facts),
        };
    }

    private static Decision WithDaemon(BuildxLine line, ShimFacts facts)
    {
        var tokens = BuildxFlags.Other.Read(line.Arguments, line.CommandAt + 1);
        var address = tokens.Exists(t => t.IsOn("help")) ? null : AddressOf(BuilderOf(line, tokens, facts), facts);
        return Decision.PassOn(line.Arguments) with { Address = address };
    }
}
