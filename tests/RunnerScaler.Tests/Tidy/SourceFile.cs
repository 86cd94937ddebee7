namespace RunnerScaler.Tests.Tidy;

/// <summary>A text file of the repository.</summary>
internal sealed class SourceFile
{
    private readonly Lazy<string> code;

    /// <param name="path">From the repository's root, with forward slashes.</param>
    /// <param name="text">What is in it.</param>
    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        Lines = text.Split('\n');
        code = new Lazy<string>(() => CodeMask.Apply(text));
    }

    public string Path { get; }

    public string Text { get; }

    public string[] Lines { get; }

    /// <summary>The text of a C# file with comments, literals and directives blanked, in the same places.</summary>
    public string Code => code.Value;

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>The line, counted from 1, of a place in <see cref="Text"/> or <see cref="Code"/>.</summary>
    public int LineAt(int index) => Text.AsSpan(0, index).Count('\n') + 1;

    public bool IsUnder(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);
}
