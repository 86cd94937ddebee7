namespace RunnerImage.Buildx;

/// <summary>What a part of a command line is.</summary>
internal enum TokenKind
{
    /// <summary>A flag of the table.</summary>
    Flag,

    /// <summary>
    /// Something like a flag that the table does not know, with the word after it if that may be its value.
    /// </summary>
    Unknown,

    /// <summary>An argument that belongs to no flag.</summary>
    Positional,

    /// <summary>The <c>--</c> after which all is positional.</summary>
    Terminator,
}

/// <summary>A part of a command line: all tokens in a row cover each argument exactly once.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The flag's long name, without dashes; empty if it is no flag.</param>
/// <param name="Value">The flag's value or the positional; null for a flag without a value.</param>
/// <param name="Start">The index of its first argument.</param>
/// <param name="Count">How many arguments it covers: 0 if it shares them with the next (<c>-qo</c>).</param>
internal readonly record struct Token(TokenKind Kind, string Name, string? Value, int Start, int Count)
{
    /// <summary>Whether this is that flag and not switched off (<c>--load=false</c>).</summary>
    public bool IsOn(string name) => Is(name) && !(Value is "false" or "False" or "FALSE" or "f" or "F" or "0");

    public bool Is(string name) => Kind == TokenKind.Flag && Name == name;
}
