using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace RunnerScaler.Tests.Tidy;

/// <summary>The words of <c>docs/glossary.md</c>.</summary>
internal sealed class Glossary
{
    public Glossary(MarkdownPage page)
    {
        var tables = page.Document.Descendants<Table>().ToLookup(t => Cell(t.OfType<TableRow>().First(), 0));
        Ours = [.. tables["word"].SelectMany(Rows).Select(r => Cell(r, 0))];
        Rejected = (
            from row in tables["not"].SelectMany(Rows)
            from word in Cell(row, 0).Split(", ")
            select (word, Cell(row, 1))).ToLookup(r => r.word, r => r.Item2);
    }

    /// <summary>The words that are explained, in the page's order.</summary>
    public IReadOnlyList<string> Ours { get; }

    /// <summary>The words that no type has in its name, and what it has in their place.</summary>
    public ILookup<string, string> Rejected { get; }

    private static IEnumerable<TableRow> Rows(Table table) => table.OfType<TableRow>().Skip(1);

    private static string Cell(TableRow row, int column) =>
        string.Concat(row[column].Descendants<LiteralInline>().Select(l => l.Content.ToString()));
}
