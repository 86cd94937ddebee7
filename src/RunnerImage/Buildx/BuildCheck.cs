namespace RunnerImage.Buildx;

/// <summary>What cannot work in <c>build</c> and <c>bake</c> is said before the build instead of after it.</summary>
internal static class BuildCheck
{
    private const string LoadKey = "load";

    public static Decision Build(BuildxLine line, ShimFacts facts)
    {
        var tokens = BuildxFlags.Build.Read(line.Arguments, line.CommandAt + 1);
        if (tokens.Exists(t => t.IsOn("help")))
            return Decision.PassOn(line.Arguments);
        var onlyChecks = Asks(tokens) || tokens.Exists(t => t.Is("print"));
        var load = tokens.FindLast(t => t.Is(LoadKey)).IsOn(LoadKey)
            ? "--load (\"load: true\")"
            : tokens.Find(t => t.Is("output") && LoadsIntoDocker(t.Value)).Value is { } output
                ? $"the output {output}"
                : null;
        var decision = Decide(line, tokens, onlyChecks ? null : load, !onlyChecks, facts);
        return decision.Action == ShimAction.Note && !facts.HasDocker && IsLost(tokens)
            ? decision with { Messages = [.. decision.Messages, Lost(tokens.FindLast(t => t.Is("tag")).Value!)] }
            : decision;
    }

    public static Decision Bake(BuildxLine line, ShimFacts facts)
    {
        var tokens = BuildxFlags.Bake.Read(line.Arguments, line.CommandAt + 1);
        string[] questions = ["help", "print", "list-targets", "list-variables"];
        if (tokens.Exists(t => questions.Any(t.IsOn) || (t.Is("list") && t.Value is { Length: > 0 })))
            return Decision.PassOn(line.Arguments);
        var onlyChecks = Asks(tokens);
        var load = tokens.FindLast(t => t.Is(LoadKey)).IsOn(LoadKey)
            ? "--load (\"load: true\")"
            : tokens.Find(t => t.Is("set") && SetsLoad(t.Value)).Value is { } set ? $"--set {set}" : null;
        return Decide(line, tokens, onlyChecks ? null : load, !onlyChecks, facts);
    }

    /// <summary>Whether an output goes into Docker: <c>type=docker</c> with no <c>dest</c>.</summary>
    public static bool LoadsIntoDocker(string? output)
    {
        if (output is null || Csv.Fields(output) is not { } fields)
            return false;
        return LoadsIntoDocker(Values(fields, "type").LastOrDefault(), Values(fields, "dest").LastOrDefault());
    }

    public static bool LoadsIntoDocker(string? type, string? destination) =>
        type is "docker" or "moby" && string.IsNullOrEmpty(destination);

    /// <param name="what">What asks for it, as the beginning of a sentence.</param>
    public static Message NoLoad(string what) => Message.Error(LoadKey,
        $"{what} puts the image into a Docker daemon, and this runner has none. Push it instead (--push, \"push: "
        + "true\"), or write it to a file (--output type=oci,dest=image.tar, \"outputs: type=oci,dest=image.tar\"), "
        + "which trivy, skopeo or crane can read.");

    private static Decision Decide(
        BuildxLine line, List<Token> tokens, string? load, bool builds, ShimFacts facts)
    {
        var builder = Shim.BuilderOf(line, tokens, facts);
        if (load is not null && !facts.HasDocker)
            return Decision.Refuse(line.Arguments, NoLoad(load));
        if (Shim.NoDockerBuilder(builder, facts) is { } message)
            return Decision.Refuse(line.Arguments, message);
        var missing = tokens.Where(t => t.Is("allow")).Select(t => t.Value?.Split('=', 2)[0])
            .OfType<string>()
            .Intersect(Entitlements.Refused).ToList();
        var address = Shim.AddressOf(builder, facts);
        return new(builds ? ShimAction.Note : ShimAction.Execute, line.Arguments,
            missing.Count > 0 && address is not null ? [Entitlements.Missing(missing)] : [], address);
    }

    /// <summary>Whether the build makes an image with a name that goes nowhere.</summary>
    private static bool IsLost(List<Token> tokens) =>
        tokens.Exists(t => t.Is("tag") && t.Value is { Length: > 0 })
        && !tokens.Exists(t => t.IsOn("push") || t is { Name: "output", Kind: TokenKind.Flag, Value.Length: > 0 });

    private static Message Lost(string name) => Message.Warning("output",
        $"The image {name} stays in the build cache: this runner has no Docker daemon that would keep it for a later "
        + "step. To have it, push it (--push, \"push: true\") or write it to a file (--output "
        + "type=oci,dest=image.tar).");

    /// <summary>Whether no build is asked for, only a question about it (<c>--call check</c>).</summary>
    private static bool Asks(List<Token> tokens) =>
        tokens.Exists(t => t.IsOn("check"))
        || (tokens.FindLast(t => t.Is("call")).Value is { Length: > 0 } call && call != "build");

    private static bool SetsLoad(string? set)
    {
        if (set?.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var assign))
            return false;
        var key = set[..assign].TrimEnd('+');
        var field = key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var value = set[(assign + 1)..];
        return field switch
        {
            "output" => LoadsIntoDocker(value),
            LoadKey => value is "1" or "t" or "T" or "true" or "True" or "TRUE",
            _ => false,
        };
    }

    private static IEnumerable<string> Values(IEnumerable<string> fields, string key) =>
        from field in fields
        let assign = field.IndexOf('=', StringComparison.Ordinal)
        where assign > 0 && field[..assign].Trim().Equals(key, StringComparison.OrdinalIgnoreCase)
        select field[(assign + 1)..];
}
