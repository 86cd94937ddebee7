using RunnerScaler.Tests.Tidy.Rules;

namespace RunnerScaler.Tests.Tidy;

/// <summary>Rejected words are found in names, and the glossary is kept in order.</summary>
public sealed class NameRuleTests
{
    private static readonly Glossary Words = Of(["pod"], "Manager, Util | its role", "Service | its own word");

    [Theory]
    [InlineData("class PodManager;", 1)]
    [InlineData("static class StringUtil;", 1)]
    [InlineData("record ServiceThing;", 1)]
    [InlineData("delegate void IManager();", 1)]
    [InlineData("class ServiceAccountToken;", 0)]
    [InlineData("class Utilisation;", 0)]
    public void ARejectedWordInANameIsCaught(string code, int findings) =>
        Assert.Equal(findings, NameRule.Check([new("src/X/A.cs", code)], Words).Count());

    [Theory]
    [InlineData(0, "pod", "pool")]
    [InlineData(1, "pool", "pod")]
    [InlineData(1, "pod", "pod")]
    [InlineData(1, "pod", "slot")]
    [InlineData(2, "service")]
    public void AGlossaryOutOfOrderIsCaught(int findings, params string[] words) => Assert.Equal(
        findings,
        NameRule.CheckGlossary(
            Of(words, "Service | its own word"), [new("src/X/A.cs", "class PodOfPool;")]).Count());

    [Fact]
    public void AFindingSaysWhereAndWhatToDo() => Assert.Equal(
        "src/X/A.cs:2: the type PodManager says Manager; say its role, or another word of docs/glossary.md",
        Assert.Single(NameRule.Check([new("src/X/A.cs", "\nclass PodManager;")], Words)).ToString());

    private static Glossary Of(string[] words, params string[] rejected) => new(new(new(
        "docs/glossary.md",
        "| word | meaning |\n|---|---|\n" + string.Concat(words.Select(w => $"| **{w}** | x |\n"))
        + "\n| not | but |\n|---|---|\n" + string.Concat(rejected.Select(r => $"| {r} |\n")))));
}
