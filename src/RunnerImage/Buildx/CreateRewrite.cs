namespace RunnerImage.Buildx;

/// <summary>
/// Makes <c>buildx create</c> for a builder with a Docker daemon into one for the BuildKit that the pod has. The driver
/// <c>remote</c> refuses what it cannot do, so that is left out, and said.
/// </summary>
internal sealed class CreateRewrite
{
    private const string Remote = "remote";

    private const string Kubernetes = "kubernetes";

    private static readonly string[] KnownDrivers = ["", "docker", "docker-container", Kubernetes, Remote];

    /// <summary>Drivers that take an address of BuildKit from elsewhere if none is given.</summary>
    private static readonly string[] AddressedDrivers = ["", Remote];

    private readonly BuildxLine line;
    private readonly ShimFacts facts;
    private readonly List<Token> tokens;
    private readonly CreateNotes notes;

    private CreateRewrite(BuildxLine line, ShimFacts facts)
    {
        this.line = line;
        this.facts = facts;
        tokens = BuildxFlags.Create.Read(line.Arguments, line.CommandAt + 1);
        notes = new(facts);
    }

    private string Driver => Last("driver") ?? "";

    private string? Given => tokens.Find(t => t.Kind == TokenKind.Positional).Value;

    public static Decision Decide(BuildxLine line, ShimFacts facts) => new CreateRewrite(line, facts).Decide();

    private Decision Decide()
    {
        if (IsNotOurs())
            return Decision.PassOn(line.Arguments);
        if (Driver == "docker")
            return facts.HasDocker
                ? Decision.PassOn(line.Arguments)
                : Decision.Refuse(line.Arguments, CreateNotes.NoDockerDriver);
        var kept = Given is { } given && Endpoint.IsBuildKit(given);
        if (!kept && IsOn("append") && IsSecondNode())
            return Decision.Refuse(line.Arguments, CreateNotes.NoSecondNode(Last("name") ?? "", Given));
        if (Driver == Kubernetes)
            notes.AddKubernetes();
        List<string> arguments = [.. line.Arguments.Take(line.CommandAt + 1), .. Added(kept)];
        foreach (var token in tokens)
            arguments.AddRange(Rewrite(token, kept));
        var address = IsOn("bootstrap") && !kept ? facts.Address : null;
        return new(ShimAction.Execute, arguments, notes.Messages, address);
    }

    /// <summary>Whether the user knows what to do without us, or buildx will say itself what is wrong.</summary>
    private bool IsNotOurs() =>
        IsOn("help") || IsOn("leave")
        || !KnownDrivers.Contains(Driver) || (Driver == Remote && Given is not null)
        || (AddressedDrivers.Contains(Driver) && Given is null && !string.IsNullOrEmpty(facts.BuildKitHost))
        || tokens.Count(t => t.Kind == TokenKind.Positional) > 1
        || tokens.Exists(t => t is { Kind: TokenKind.Flag, Value: null } && BuildxFlags.Create.Valued.Contains(t.Name));

    /// <summary>Whether the builder already has a node at our address: buildx takes each address only once.</summary>
    private bool IsSecondNode() =>
        Last("name") is { } name && facts.EndpointsOf(name) is { } endpoints && endpoints.Contains(facts.Address);

    /// <summary>Our arguments stand first, where no flag before them can swallow them.</summary>
    private IEnumerable<string> Added(bool kept)
    {
        if (!tokens.Exists(t => t.Is("driver")))
            yield return "--driver=" + Remote;
        if (kept)
            yield break;
        foreach (var (name, value) in TlsFiles.Options(facts.TlsFolder, facts.Address))
            yield return "--driver-opt=" + Csv.Line([$"{name}={value}"]);
        yield return facts.Address;
    }

    private IEnumerable<string> Rewrite(Token token, bool kept)
    {
        var same = line.Arguments.Skip(token.Start).Take(token.Count);
        if (token.Kind == TokenKind.Positional && !kept)
            return Dropped(() => notes.AddEndpoint(token.Value!));
        if (token.Kind != TokenKind.Flag)
            return same;
        return token.Name switch
        {
            "driver" => ReplaceDriver(token),
            "buildkitd-flags" => Dropped(() => notes.AddFlags(token.Value!)),
            "buildkitd-config" or "config" => Dropped(() => notes.AddConfig(token.Value!)),
            "driver-opt" => Options(token, kept),
            _ => same,
        };
    }

    private static IEnumerable<string> Dropped(Action note)
    {
        note();
        return [];
    }

    /// <summary>Writes the driver in the spelling that was used.</summary>
    private static IEnumerable<string> ReplaceDriver(Token token) =>
        token.Count == 2 ? ["--driver", Remote] : ["--driver=" + Remote];

    private IEnumerable<string> Options(Token token, bool kept)
    {
        if (Csv.Fields(token.Value!) is not { } options)
            return line.Arguments.Skip(token.Start).Take(token.Count);
        var isOurs = !kept && facts.TlsFolder is { Length: > 0 };
        string[] left = [.. options.Where(o => !isOurs && CreateNotes.IsTlsOption(o))];
        notes.AddOptions(options.Except(left));
        if (left.Length == 0)
            return [];
        return token.Count == 2 ? ["--driver-opt", Csv.Line(left)] : ["--driver-opt=" + Csv.Line(left)];
    }

    private string? Last(string name) => tokens.FindLast(t => t.Is(name)).Value;

    private bool IsOn(string name) => tokens.FindLast(t => t.Is(name)).IsOn(name);
}
