using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RunnerScaler.Tests.Tidy.Dead;
using RunnerScaler.Tests.Tidy.Rules;

namespace RunnerScaler.Tests.Tidy;

/// <summary>The rules of <c>CONTRIBUTING.md</c>, applied to the repository.</summary>
public sealed class RepositoryTests
{
    private static readonly SourceFile[] Source = [.. Repository.CSharp("src")];

    private static readonly SourceFile[] Code =
        [.. Source, .. Repository.CSharp("tests"), .. Repository.CSharp("bench")];

    private static readonly Dictionary<string, MarkdownPage> Pages =
        Repository.Files.Where(f => f.IsMarkdown).AsParallel().ToDictionary(f => f.Path, f => new MarkdownPage(f));

    private static readonly Glossary Words = new(Pages["docs/glossary.md"]);

    private static readonly string[] Projects =
    [
        .. Repository.Files.Where(f => f.Path.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(f => Path.GetDirectoryName(f.Path)!),
    ];

    /// <summary>Folders that use each other. The list may only become shorter.</summary>
    private static readonly string[] Entangled =
    [
        "RunnerImage.Builders - RunnerImage.Buildx",
        "RunnerImage.Entrypoint - RunnerImage.Metrics",
        "RunnerScaler.Kubernetes.Builders - RunnerScaler.Kubernetes.Pods",
        "RunnerScaler.Kubernetes.Pods - RunnerScaler.Kubernetes.Pools",
        "RunnerScaler.Sandbox.Cluster.Patching - RunnerScaler.Sandbox.Cluster.Store",
        "RunnerScaler.Sandbox.Cluster.Rules - RunnerScaler.Sandbox.Cluster.Store",
        "RunnerScaler.Sandbox.Cluster.Schema - RunnerScaler.Sandbox.Cluster.Store",
    ];

    /// <summary>Types of too many parts, and how many. The list and its numbers may only become smaller.</summary>
    private static readonly Dictionary<string, int> Crowded = new()
    {
        ["ClaimCertificates"] = 9,
        ["LeaseElection"] = 9,
        ["ShimFacts"] = 9,
    };

    /// <summary>What nothing but tests uses. The list may only become shorter.</summary>
    private static readonly string[] Unused =
    [
        "AnswerCache.Count",
        "GitHubAccounts.Count",
        "LostTargets.Count",
        "Plan.StandbyTarget",
        "PodVariables.OfController",
        "PoolHistory.FailuresOf",
        "RecentAnswers.Count",
        "RequestBudget.PausedUntil",
        "Suspects.Count",
    ];

    /// <summary>Tests may be the only ones to use parts of the sandbox: much of it is there for them.</summary>
    private const string ForTests = "src/RunnerScaler.Sandbox/";

    [Fact]
    public void TheRepositoryIsFound() => Assert.Contains(Code, f => f.Path == "src/RunnerScaler/Program.cs");

    [Fact]
    public void DependenciesPointOneWay() => AssertNone(Source.AsParallel().SelectMany(DependencyRule.Check));

    [Fact]
    public void DependenciesAreWrittenWhereTheyAre() => AssertNone(Repository.Files
        .Where(f => f.IsUnder("src") && (f.IsCSharp || f.Path.EndsWith(".csproj", StringComparison.Ordinal)))
        .SelectMany(DependencyRule.CheckGlobal));

    [Fact]
    public void FoldersAreNamespaces() => AssertNone(Code.AsParallel().SelectMany(NamespaceRule.Check));

    [Fact]
    public void LinesFitOnAScreen() => AssertNone(Code.AsParallel().SelectMany(SizeRules.CheckLines));

    [Fact]
    public void FilesHoldOneIdea() => AssertNone(Code.AsParallel().SelectMany(SizeRules.CheckFile));

    [Fact]
    public void MethodsCanBeReadAtOnce() => AssertNone(Code.AsParallel().SelectMany(SizeRules.CheckMethods));

    [Fact]
    public void FilesAreUsuallyShort() => AssertNone(SizeRules.CheckUsualFile(Source));

    [Fact]
    public void MethodsAreUsuallyShort() => AssertNone(SizeRules.CheckUsualMethod(Source));

    [Fact]
    public void NamesSayWhatTheyMean() => AssertNone(NameRule.Check(Code, Words));

    [Fact]
    public void TheGlossaryHasEachWordOnce()
    {
        Assert.NotEmpty(Words.Ours);
        AssertNone(NameRule.CheckGlossary(Words, Source));
    }

    [Fact]
    public void TimeAndChanceAreGiven() =>
        AssertNone(Repository.CSharp("src/RunnerScaler").SelectMany(ClockRule.Check));

    [Fact]
    public void LogsAreLoggerMessages() => AssertNone(Source.AsParallel().SelectMany(LogRule.Check));

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
    public void LinksLeadSomewhere() => AssertNone(Pages.Values.SelectMany(page =>
        LinkRule.Check(page, Repository.Exists, path => Pages.GetValueOrDefault(path)?.Headings)));

    [Fact]
    public void ExamplesCanBeParsed() => AssertNone(
        [.. Repository.Files.SelectMany(ParseRule.Check), .. Pages.Values.SelectMany(ParseRule.Check)]);

    [Fact]
    public void NothingIsMadeOfTooManyParts() => AssertNone(ConstructorRule.Check(Source, Crowded));

    [Fact]
    public void ANameMeansOneThing() => AssertNone(
        Projects.SelectMany(project => SameNameRule.Check(Code.Where(f => f.IsUnder(project)))));

    [Fact]
    public void FoldersDoNotUseEachOther() => AssertNone(FolderRule.Check(Source, Entangled));

    [Fact]
    public void AllCodeIsUsed()
    {
        var tests = Code.Except(Source).AsParallel()
            .SelectMany(f => f.Root.DescendantTokens().Where(t => t.IsKind(SyntaxKind.IdentifierToken)))
            .Select(t => t.ValueText).ToHashSet();
        AssertNone(DeadCodeRule.Check(
            Source,
            Unused,
            symbol => symbol.Locations[0].SourceTree!.FilePath is var path
                && path.StartsWith(ForTests, StringComparison.Ordinal) && tests.Contains(symbol.Name)));
    }

    [Fact]
    public void ProjectsDependOneWay() => AssertNone(Repository.Files
        .Where(f => f.Path.EndsWith(".csproj", StringComparison.Ordinal)).SelectMany(ProjectRule.Check));

    [Fact]
    public void WhatOthersWriteIsReadAtTheBoundary() => AssertNone(Source.AsParallel().SelectMany(BoundaryRule.Check));

    [Fact]
    public void TestsThatPagesNameExist()
    {
        var tests = NamedTestRule.Names(Repository.CSharp("tests"));
        AssertNone(Repository.Files.Where(f => f.IsMarkdown).SelectMany(page => NamedTestRule.Check(page, tests)));
    }

    private static void AssertNone(IEnumerable<Finding> findings)
    {
        var all = findings.Select(f => f.ToString()).ToArray();
        Assert.True(all.Length == 0, $"{all.Length} to fix:\n{string.Join('\n', all)}");
    }
}
