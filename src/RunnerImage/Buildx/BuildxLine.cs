namespace RunnerImage.Buildx;

/// <summary>
/// A command line of buildx, without the program's name. As Docker's plugin it is <c>[docker's flags] buildx [flags]
/// COMMAND …</c>; on its own, the word <c>buildx</c> is missing.
/// </summary>
/// <param name="Arguments">All arguments.</param>
/// <param name="Command">The command's name, or empty.</param>
/// <param name="CommandAt">Its index; the number of arguments if there is no command.</param>
/// <param name="Builder">The value of <c>--builder</c> before the command.</param>
/// <param name="ConfigFolder">The value of Docker's <c>--config</c>.</param>
/// <param name="AsksForHelp">Whether help is asked for before the command.</param>
internal sealed record BuildxLine(
    IReadOnlyList<string> Arguments, string Command, int CommandAt, string? Builder, string? ConfigFolder,
    bool AsksForHelp)
{
    private const string PluginName = "buildx";

    public static BuildxLine Parse(IReadOnlyList<string> arguments)
    {
        var tokens = BuildxFlags.Root.Read(arguments, 0, untilPositional: true);
        var at = End(tokens, 0);
        if (at < arguments.Count && arguments[at] == PluginName)
        {
            tokens.AddRange(BuildxFlags.Root.Read(arguments, at + 1, untilPositional: true));
            at = End(tokens, at + 1);
        }

        // After "--" or a flag that it does not know, what follows is anybody's guess: no command is better than a
        // wrong one, since without a command all is passed on as it is.
        var clear = tokens.TrueForAll(t => t.Kind == TokenKind.Flag);
        var found = clear && at < arguments.Count;
        return new(arguments, found ? arguments[at] : "", found ? at : arguments.Count,
            Last(tokens, "builder"), Last(tokens, "config"), tokens.Exists(t => t.IsOn("help")));
    }

    private static string? Last(List<Token> tokens, string name) => tokens.FindLast(t => t.Is(name)).Value;

    private static int End(List<Token> tokens, int otherwise) =>
        tokens.Count == 0 ? otherwise : Math.Max(otherwise, tokens[^1].Start + tokens[^1].Count);
}
