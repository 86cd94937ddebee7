namespace RunnerImage.Buildx;

/// <summary>
/// What cannot work in <c>build</c> and <c>bake</c> is said before the build instead of after it, and what would go
/// into a Docker daemon goes into the pod's store of images.
/// </summary>
internal static class BuildCheck
{
    private const string LoadFlag = "load";

    public static Decision Build(BuildxLine line, ShimFacts facts)
    {
        var tokens = BuildxFlags.Build.Read(line.Arguments, line.CommandAt + 1);
        if (tokens.Exists(t => t.IsOn("help")))
            return Decision.PassOn(line.Arguments);
        if (Asks(tokens) || tokens.Exists(t => t.Is("print")))
            return Decide(line, tokens, builds: false, facts);
        if (!facts.HasDocker && tokens.Find(t => t.Is("tag") && IsOfContainerAction(t.Value)).Value is not null)
            return Decision.Refuse(line.Arguments, ContainerAction);
        var decision = Decide(line, tokens, builds: true, facts);
        if (facts.HasDocker || decision.Action != ShimAction.Note)
            return decision;
        var use = UseOf(tokens);
        return decision with
        {
            Arguments = ImageUse.Without(line, tokens, t => t.Is(LoadFlag) || Loads(t)),
            Messages = AsksToLoad(tokens) && !use.Keeps ? [.. decision.Messages, Nameless] : decision.Messages,
            Images = use,
        };
    }

    public static Decision Bake(BuildxLine line, ShimFacts facts)
    {
        var tokens = BuildxFlags.Bake.Read(line.Arguments, line.CommandAt + 1);
        string[] questions = ["help", "print", "list-targets", "list-variables"];
        if (tokens.Exists(t => questions.Any(t.IsOn) || (t.Is("list") && t.Value is { Length: > 0 })))
            return Decision.PassOn(line.Arguments);
        var builds = !Asks(tokens);
        var decision = Decide(line, tokens, builds, facts);
        return facts.HasDocker || !builds || decision.Action != ShimAction.Note
            ? decision
            : decision with { Images = new(true, [], false) };
    }

    private static Message ContainerAction { get; } = Message.Error("container-action",
        "This job uses an action that runs in a Docker container, and this runner has no Docker daemon. Use an action "
        + "without a container, or a pool whose template brings a Docker daemon and sets DOCKER_HOST.");

    private static Message Nameless { get; } = Message.Plain("nameless",
        "An image without a name is built but not kept in this runner: give it one with --tag (\"tags:\").");

    /// <summary>What a bake no longer has to be told once its targets' outputs are set one by one.</summary>
    public static bool SaysWhereItGoes(Token token) =>
        token.Is(LoadFlag) || (token.Is("set") && token.Value is { } set && SetsLoad(set));

    private static Decision Decide(BuildxLine line, List<Token> tokens, bool builds, ShimFacts facts)
    {
        var builder = Shim.BuilderOf(line, tokens, facts);
        if (Shim.NoDockerBuilder(builder, facts) is { } message)
            return Decision.Refuse(line.Arguments, message);
        var missing = tokens.Where(t => t.Is("allow")).Select(t => t.Value?.Split('=', 2)[0])
            .OfType<string>()
            .Intersect(Entitlements.Refused).ToList();
        var address = Shim.AddressOf(builder, facts);
        return new(builds ? ShimAction.Note : ShimAction.Execute, line.Arguments,
            missing.Count > 0 && address is not null ? [Entitlements.Missing(missing)] : [], address);
    }

    /// <summary>
    /// An image is kept if that is asked for, or if it has a name and is to go nowhere else, as with a daemon.
    /// </summary>
    private static ImageUse UseOf(List<Token> tokens)
    {
        var elsewhere = tokens.Exists(t => t is { Name: "output", Kind: TokenKind.Flag, Value.Length: > 0 })
            || tokens.FindLast(t => t.Is("push")).IsOn("push");
        string[] names = [.. tokens.Where(t => t.Is("tag")).Select(t => t.Value).OfType<string>()];
        if (names.Length == 0)
            names = [.. tokens.Where(Loads).SelectMany(t => BuildOutput.Names(t.Value!))];
        var keeps = (AsksToLoad(tokens) || !elsewhere) && names.Length > 0;
        return new(keeps, names, tokens.FindLast(t => t.Is("quiet")).IsOn("quiet"));
    }

    private static bool AsksToLoad(List<Token> tokens) =>
        tokens.FindLast(t => t.Is(LoadFlag)).IsOn(LoadFlag) || tokens.Exists(Loads);

    private static bool Loads(Token token) => token.Is("output") && BuildOutput.LoadsIntoDocker(token.Value);

    /// <summary>Whether GitHub's runner builds a container action: it names the image by two random numbers.</summary>
    private static bool IsOfContainerAction(string? tag) =>
        tag?.Split(':') is [{ Length: 6 } name, { Length: 32 } version]
        && name.All(char.IsAsciiHexDigitLower) && version.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether no build is asked for, only a question about it (<c>--call check</c>).</summary>
    private static bool Asks(List<Token> tokens) =>
        tokens.Exists(t => t.IsOn("check"))
        || (tokens.FindLast(t => t.Is("call")).Value is { Length: > 0 } call && call != "build");

    private static bool SetsLoad(string set)
    {
        if (set.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var assign))
            return false;
        var key = set[..assign].TrimEnd('+');
        var field = key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return field == LoadFlag || (field == "output" && BuildOutput.LoadsIntoDocker(set[(assign + 1)..]));
    }
}
