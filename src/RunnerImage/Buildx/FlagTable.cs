namespace RunnerImage.Buildx;

/// <summary>
/// The flags of a command, as far as it must be known which take a value: as the programs of Docker read their
/// arguments (<c>--flag v</c>, <c>--flag=v</c>, <c>-f v</c>, <c>-fv</c>, <c>-f=v</c>, <c>-qf v</c>, <c>--</c>).
/// </summary>
/// <param name="Valued">Long names of flags that take a value.</param>
/// <param name="Switches">Long names of flags that do not.</param>
/// <param name="Short">The long names of one-letter flags.</param>
internal sealed record FlagTable(
    IReadOnlySet<string> Valued, IReadOnlySet<string> Switches, IReadOnlyDictionary<char, string> Short)
{
    /// <param name="valued">Long names, separated by spaces.</param>
    /// <param name="switches">Long names, separated by spaces.</param>
    /// <param name="shorts">A letter and its long name, separated by spaces: <c>f=file o=output</c>.</param>
    public static FlagTable Of(string valued, string switches, string shorts) => new(
        Words(valued).ToHashSet(StringComparer.Ordinal),
        Words(switches).ToHashSet(StringComparer.Ordinal),
        Words(shorts).ToDictionary(w => w[0], w => w[2..]));

    /// <summary>Reads all arguments from an index on.</summary>
    /// <param name="untilPositional">Whether to stop before the first positional.</param>
    public List<Token> Read(IReadOnlyList<string> arguments, int from, bool untilPositional = false)
    {
        List<Token> tokens = [];
        for (var at = from; at < arguments.Count; at = tokens[^1].Start + tokens[^1].Count)
        {
            var argument = arguments[at];
            var positional = argument.Length < 2 || argument[0] != '-';
            if (positional && untilPositional)
                break;
            if (argument == "--")
            {
                tokens.Add(new(TokenKind.Terminator, "", null, at, 1));
                AddPositionals(tokens, arguments, at + 1);
                break;
            }

            if (positional)
                tokens.Add(new(TokenKind.Positional, "", argument, at, 1));
            else if (argument[1] == '-')
                tokens.Add(Long(arguments, at));
            else
                AddShort(tokens, arguments, at);
        }

        return tokens;
    }

    private Token Long(IReadOnlyList<string> arguments, int at)
    {
        var text = arguments[at][2..];
        var assign = text.IndexOf('=', StringComparison.Ordinal);
        var name = assign < 0 ? text : text[..assign];
        if (assign >= 0)
            return new(IsKnown(name) ? TokenKind.Flag : TokenKind.Unknown, name, text[(assign + 1)..], at, 1);
        if (Switches.Contains(name))
            return new(TokenKind.Flag, name, null, at, 1);
        return Valued.Contains(name) ? Detached(TokenKind.Flag, name, arguments, at) : Unknown(name, arguments, at);
    }

    /// <summary>Reads <c>-q</c>, <c>-qf v</c> and the like: letters until one takes the rest as its value.</summary>
    private void AddShort(List<Token> tokens, IReadOnlyList<string> arguments, int at)
    {
        var letters = arguments[at];
        for (var i = 1; i < letters.Length; i++)
        {
            var rest = letters[(i + 1)..];
            if (!Short.TryGetValue(letters[i], out var name))
            {
                tokens.Add(Unknown(letters[i..], arguments, at));
                return;
            }

            if (rest.StartsWith('='))
            {
                tokens.Add(new(TokenKind.Flag, name, rest[1..], at, 1));
                return;
            }

            if (Valued.Contains(name))
            {
                tokens.Add(rest.Length > 0
                    ? new(TokenKind.Flag, name, rest, at, 1)
                    : Detached(TokenKind.Flag, name, arguments, at));
                return;
            }

            tokens.Add(new(TokenKind.Flag, name, null, at, rest.Length == 0 ? 1 : 0));
        }
    }

    private bool IsKnown(string name) => Valued.Contains(name) || Switches.Contains(name);

    private static Token Detached(TokenKind kind, string name, IReadOnlyList<string> arguments, int at) =>
        at + 1 < arguments.Count ? new(kind, name, arguments[at + 1], at, 2) : new(kind, name, null, at, 1);

    /// <summary>
    /// A newer program's flag: the word after it may be its value, so it is not taken for a positional.
    /// </summary>
    private static Token Unknown(string name, IReadOnlyList<string> arguments, int at) =>
        at + 1 < arguments.Count && !arguments[at + 1].StartsWith('-')
            ? Detached(TokenKind.Unknown, name, arguments, at)
            : new(TokenKind.Unknown, name, null, at, 1);

    private static void AddPositionals(List<Token> tokens, IReadOnlyList<string> arguments, int from)
    {
        for (var at = from; at < arguments.Count; at++)
            tokens.Add(new(TokenKind.Positional, "", arguments[at], at, 1));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
