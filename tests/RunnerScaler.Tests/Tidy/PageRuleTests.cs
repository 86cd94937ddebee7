using RunnerScaler.Tests.Tidy.Rules;

namespace RunnerScaler.Tests.Tidy;

/// <summary>Every rule for pages and examples catches its offender, and leaves the innocent alone.</summary>
public sealed class PageRuleTests
{
    [Theory]
    [InlineData("see [it](../there.md#a-part), [this](page.md)", 0)]
    [InlineData("see [it](https://example.org/x#y), [here](#here)\n\n## Here", 0)]
    [InlineData("`[it](nowhere.md)`\n\n```\n[it](nowhere.md)\n```", 0)]
    [InlineData("see [it](nowhere.md)", 1)]
    [InlineData("see [it](../there.md#another-part)", 1)]
    [InlineData("see [here](#here)", 1)]
    [InlineData("see [it][1]\n\n[1]: nowhere.md", 1)]
    public void ALinkThatLeadsNowhereIsCaught(string text, int findings)
    {
        MarkdownPage page = new(new("docs/page.md", text)), there = new(new("there.md", "# There\n\n## A part"));

        Assert.Equal(findings, LinkRule.Check(
            page, path => path is "there.md" or "docs/page.md",
            path => path == "there.md" ? there.Headings : path == "docs/page.md" ? page.Headings : null).Count());
    }

    [Theory]
    [InlineData("a.yaml", "a: [1, 2]\n---\nb: c", 0)]
    [InlineData("a.yaml", "a: b: c", 1)]
    [InlineData("a.json", "{\"a\": 1}", 0)]
    [InlineData("a.json", "{\"a\": 1,}", 1)]
    [InlineData("a.txt", "{", 0)]
    [InlineData("deploy/chart/templates/a.yaml", "{{ if }}", 0)]
    public void AFileThatCannotBeParsedIsCaught(string path, string text, int findings) =>
        Assert.Equal(findings, ParseRule.Check(new SourceFile(path, text)).Count());

    [Theory]
    [InlineData("yaml", "a: b", 0)]
    [InlineData("yaml", "a: b: c", 1)]
    [InlineData("json", "{", 1)]
    [InlineData("sh", "{", 0)]
    public void ABlockThatCannotBeParsedIsCaught(string language, string text, int findings)
    {
        var found = ParseRule.Check(new MarkdownPage(new("A.md", $"Text\n\n```{language}\n{text}\n```\n"))).ToArray();

        Assert.Equal(findings, found.Length);
        Assert.All(found, f => Assert.Equal(4, f.Line));
    }
}
