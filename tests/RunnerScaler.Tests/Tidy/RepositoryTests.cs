using RunnerScaler.Tests.Tidy.Rules;

namespace RunnerScaler.Tests.Tidy;

/// <summary>The rules of <c>CONTRIBUTING.md</c>, applied to the repository.</summary>
public sealed class RepositoryTests
{
    private static readonly SourceFile[] Source = [.. Repository.CSharp("src")];

    private static readonly SourceFile[] Code =
        [.. Source, .. Repository.CSharp("tests"), .. Repository.CSharp("bench")];

    [Fact]
    public void TheRepositoryIsFound() => Assert.Contains(Code, f => f.Path == "src/RunnerScaler/Program.cs");

    [Fact]
    public void DependenciesPointOneWay() => AssertNone(Source.SelectMany(DependencyRule.Check));

    [Fact]
    public void DependenciesAreWrittenWhereTheyAre() => AssertNone(Repository.Files
        .Where(f => f.IsUnder("src") && (f.IsCSharp || f.Path.EndsWith(".csproj", StringComparison.Ordinal)))
        .SelectMany(DependencyRule.CheckGlobal));

    [Fact]
    public void FoldersAreNamespaces() => AssertNone(Code.SelectMany(NamespaceRule.Check));

    [Fact]
    public void LinesFitOnAScreen() => AssertNone(Code.SelectMany(SizeRules.CheckLines));

    [Fact]
    public void FilesHoldOneIdea() => AssertNone(Code.SelectMany(SizeRules.CheckFile));

    [Fact]
    public void MethodsCanBeReadAtOnce() => AssertNone(Code.SelectMany(SizeRules.CheckMethods));

    [Fact]
    public void FilesAreUsuallyShort() => AssertNone(SizeRules.CheckUsualFile(Source));

    [Fact]
    public void MethodsAreUsuallyShort() => AssertNone(SizeRules.CheckUsualMethod(Source));

    [Fact]
    public void NamesSayWhatTheyMean() => AssertNone(Code.SelectMany(NameRule.Check));

    [Fact]
    public void TimeAndChanceAreGiven() =>
        AssertNone(Repository.CSharp("src/RunnerScaler").SelectMany(ClockRule.Check));

    [Fact]
    public void LogsAreLoggerMessages() => AssertNone(Source.SelectMany(LogRule.Check));

    [Fact]
    public void NothingIsLeftHalfDone() => AssertNone(Repository.Files.SelectMany(LeftoverRule.Check));

    [Fact]
    public void DecisionsAreNumberedAndShort()
    {
        var notes = Repository.Files.Where(f => f.IsUnder("docs/decisions")).ToArray();

        Assert.NotEmpty(notes);
        AssertNone(DecisionRule.Check(notes));
    }

    [Fact]
    public void LinksLeadSomewhere() => AssertNone(Repository.Files
        .Where(f => f.Path.EndsWith(".md", StringComparison.Ordinal))
        .SelectMany(page => LinkRule.Check(page, Repository.Exists)));

    [Fact]
    public void WhatOthersWriteIsReadAtTheBoundary() => AssertNone(Source.SelectMany(BoundaryRule.Check));

    [Fact]
    public void TestsThatPagesNameExist()
    {
        var tests = Repository.CSharp("tests").ToArray();
        var pages = Repository.Files.Where(f => f.Path.EndsWith(".md", StringComparison.Ordinal));
        AssertNone(pages.SelectMany(page => NamedTestRule.Check(page, tests)));
    }

    private static void AssertNone(IEnumerable<Finding> findings)
    {
        var all = findings.Select(f => f.ToString()).ToArray();
        Assert.True(all.Length == 0, $"{all.Length} to mend:\n{string.Join('\n', all)}");
    }
}
