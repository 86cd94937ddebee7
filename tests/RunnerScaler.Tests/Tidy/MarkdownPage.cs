using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace RunnerScaler.Tests.Tidy;

/// <summary>A page of the documentation, parsed as GitHub shows it.</summary>
internal sealed class MarkdownPage
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    public MarkdownPage(SourceFile file)
    {
        Path = file.Path;
        Document = Markdown.Parse(file.Text, Pipeline);
        Headings = Document.Descendants<HeadingBlock>().Select(h => h.GetAttributes().Id ?? "").ToHashSet();
    }

    public string Path { get; }

    public MarkdownDocument Document { get; }

    /// <summary>The names that links use for the headings.</summary>
    public IReadOnlySet<string> Headings { get; }

    /// <summary>The fenced blocks: their language, the line of their first content, and that.</summary>
    public IEnumerable<(string Language, int Line, string Text)> Blocks =>
        from block in Document.Descendants<FencedCodeBlock>()
        select (block.Info ?? "", block.Line + 2, block.Lines.ToString());
}
