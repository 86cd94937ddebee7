using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RunnerScaler.Tests.Tidy;

/// <summary>A text file of the repository.</summary>
internal sealed class SourceFile
{
    private readonly Lazy<SyntaxTree> tree;
    private readonly Lazy<string> code;

    /// <param name="path">From the repository's root, with forward slashes.</param>
    /// <param name="text">What is in it.</param>
    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        Lines = text.Split('\n');
        tree = new(() => CSharpSyntaxTree.ParseText(text, path: path));
        code = new(() => CodeOf(Root, text));
    }

    public string Path { get; }

    public string Text { get; }

    public string[] Lines { get; }

    /// <summary>The syntax of a C# file; parsed once.</summary>
    public SyntaxTree Tree => tree.Value;

    public CompilationUnitSyntax Root => (CompilationUnitSyntax)tree.Value.GetRoot();

    /// <summary>The text of a C# file with comments, literals and directives blanked, in the same places.</summary>
    public string Code => code.Value;

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsMarkdown => Path.EndsWith(".md", StringComparison.Ordinal);

    /// <summary>The line, counted from 1, of a place in <see cref="Text"/> or <see cref="Code"/>.</summary>
    public int LineAt(int index) => Text.AsSpan(0, index).Count('\n') + 1;

    /// <summary>Whether the file lies in a folder, or in a folder of that.</summary>
    /// <param name="folder">From the repository's root, with forward slashes.</param>
    public bool IsUnder(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static string CodeOf(SyntaxNode root, string text)
    {
        var code = new char[text.Length];
        for (var i = 0; i < code.Length; i++)
            code[i] = text[i] == '\n' ? '\n' : ' ';
        foreach (var token in root.DescendantTokens().Where(t => !IsText(t)))
            text.CopyTo(token.SpanStart, code, token.SpanStart, token.Span.Length);
        return new(code);
    }

    private static bool IsText(SyntaxToken token) => token.Kind()
        is SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.Utf8StringLiteralToken
        or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken
        or SyntaxKind.Utf8SingleLineRawStringLiteralToken or SyntaxKind.Utf8MultiLineRawStringLiteralToken
        or SyntaxKind.InterpolatedStringStartToken or SyntaxKind.InterpolatedStringEndToken
        or SyntaxKind.InterpolatedVerbatimStringStartToken or SyntaxKind.InterpolatedRawStringEndToken
        or SyntaxKind.InterpolatedSingleLineRawStringStartToken or SyntaxKind.InterpolatedMultiLineRawStringStartToken
        or SyntaxKind.InterpolatedStringTextToken
        || token.Parent is InterpolationSyntax;
}
