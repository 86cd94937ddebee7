using RunnerScaler.Tests.Tidy.Rules;

namespace RunnerScaler.Tests.Tidy;

/// <summary>Every rule catches its offender, and leaves the innocent alone.</summary>
public sealed class RuleTests
{
    [Theory]
    [InlineData("Web/A.cs", "class A { void B() => JsonDocument.Parse(c); }")]
    [InlineData("Kubernetes/Pods/A.cs", "class A { void B() => JsonNode.Parse(c); }")]
    [InlineData("Kubernetes/Watching/A.cs", "class A { void B() => c.GetString(); }")]
    [InlineData("Control/A.cs", "class A { void B() => labels.Text(Marks.Pool); }")]
    [InlineData("Kubernetes/A.cs", "class A { void B() => TerminationMessage.Read(c); }")]
    public void AReaderAwayFromItsBoundaryIsCaught(string path, string code) =>
        Assert.NotEmpty(BoundaryRule.Check(new SourceFile($"src/RunnerScaler/{path}", code)));

    [Theory]
    [InlineData("Kubernetes/Api/A.cs", "class A { void B() => JsonDocument.Parse(c); }")]
    [InlineData("Kubernetes/Pods/A.cs", "class A { void B() => labels.Text(Marks.Pool); }")]
    [InlineData("GitHub/Http/A.cs", "class A { void B() => JsonSerializer.Deserialize(c); }")]
    public void AReaderAtItsBoundaryIsNot(string path, string code) =>
        Assert.Empty(BoundaryRule.Check(new SourceFile($"src/RunnerScaler/{path}", code)));

    [Theory]
    [InlineData("| `ATests.B` |", true)]
    [InlineData("| `ATests` |", true)]
    [InlineData("| `ATests.C` |", false)]
    [InlineData("| `BTests.B` |", false)]
    [InlineData("| by nobody |", false)]
    public void ATestThatIsNamedAndMissingIsCaught(string row, bool exists)
    {
        var page = new SourceFile("A.md", $"| held by |\n|---|\n{row}\n\n| other |\n|---|\n| nothing |");
        var test = new SourceFile("tests/ATests.cs", "class ATests { public void B() { } }");
        Assert.Equal(exists, !NamedTestRule.Check(page, NamedTestRule.Names([test])).Any());
    }

    [Theory]
    [InlineData("Scaling/A.cs", "using RunnerScaler.Control;")]
    [InlineData("Scaling/A.cs", "using Octokit;")]
    [InlineData("Scaling/A.cs", "class A { async Task B() { } }")]
    [InlineData("Scaling/A.cs", "class A(ILogger<A> log);")]
    [InlineData("Scaling/A.cs", "using RunnerScaler.Explaining;")]
    [InlineData("Explaining/A.cs", "using RunnerScaler.Control;")]
    [InlineData("Explaining/A.cs", "class A { async Task B() { } }")]
    [InlineData("Control/A.cs", "using RunnerScaler.GitHub;")]
    [InlineData("Control/A.cs", "using Q = RunnerScaler.Kubernetes.PodStore;")]
    [InlineData("Control/A.cs", "class A { Kubernetes.PodStore? pods; }")]
    [InlineData("Control/A.cs", "class A { string B => $\"{Web.Endpoint.Name}\"; }")]
    [InlineData("GitHub/A.cs", "using static RunnerScaler.Kubernetes.Names;")]
    [InlineData("GitHub/A.cs", "class A { global::RunnerScaler.Telemetry.ScalerMetrics? metrics; }")]
    [InlineData("Kubernetes/Deep/A.cs", "using RunnerScaler.GitHub.Tokens;")]
    [InlineData("Web/A.cs", "using RunnerScaler.Telemetry;")]
    [InlineData("Telemetry/A.cs", "using RunnerScaler.Web;")]
    [InlineData("Web/A.cs", "using RunnerScaler.Hosting;")]
    [InlineData("Elsewhere/A.cs", "class A;")]
    public void ADependencyAgainstTheDirectionIsCaught(string path, string code) =>
        Assert.NotEmpty(DependencyRule.Check(new SourceFile($"src/RunnerScaler/{path}", code)));

    [Theory]
    [InlineData("Program.cs", "using RunnerScaler.Hosting;")]
    [InlineData("Scaling/A.cs", "using System.Collections.Immutable;\nnamespace RunnerScaler.Scaling;\nclass A;")]
    [InlineData("Explaining/A.cs", "using RunnerScaler.Scaling;\nnamespace RunnerScaler.Explaining;\nclass A;")]
    [InlineData("Control/A.cs", "using RunnerScaler.Scaling;\nnamespace RunnerScaler.Control;\nclass A(Task t);")]
    [InlineData("Control/A.cs", "using RunnerScaler.Explaining;")]
    [InlineData("GitHub/A.cs", "using RunnerScaler.Scaling; // see Kubernetes.Pods\nclass A { string b = \"Web.X\"; }")]
    [InlineData("Kubernetes/A.cs", "namespace RunnerScaler.Kubernetes;\nclass A { object B => spec.GitHub.Serves; }")]
    [InlineData("Hosting/A.cs", "using RunnerScaler.GitHub;\nusing RunnerScaler.Kubernetes;\nusing RunnerScaler.Web;")]
    public void ADependencyAlongTheDirectionIsNot(string path, string code) =>
        Assert.Empty(DependencyRule.Check(new SourceFile($"src/RunnerScaler/{path}", code)));

    [Theory]
    [InlineData("using RunnerScaler.Scaling;", 1)]
    [InlineData("class A { async Task B() { } }", 2)]
    [InlineData("using System.Text.Json;\nnamespace RunnerScaler.Protocol;\nclass A;", 0)]
    public void TheProtocolIsPureAndKnowsNobody(string code, int findings) =>
        Assert.Equal(findings, DependencyRule.Check(new SourceFile("src/RunnerScaler.Protocol/A.cs", code)).Count());

    [Theory]
    [InlineData("using RunnerScaler.Scaling;", 1)]
    [InlineData("class A { RunnerScaler.GitHub.Api? api; Control.LeaderGate? gate; }", 2)]
    [InlineData("using RunnerScaler.Sandbox.GitHub;\nusing RunnerScaler.Sandbox.Cluster;", 0)]
    public void TheSandboxKnowsNothingOfTheController(string code, int findings) =>
        Assert.Equal(findings, DependencyRule.Check(new SourceFile("src/RunnerScaler.Sandbox/A.cs", code)).Count());

    [Theory]
    [InlineData("A.cs", "global using System;", 1)]
    [InlineData("A.csproj", "<Using Include=\"RunnerScaler.Control\" />", 1)]
    [InlineData("A.cs", "using System; // no global using", 0)]
    public void AUsingForAllFilesIsCaught(string path, string text, int findings) =>
        Assert.Equal(findings, DependencyRule.CheckGlobal(new SourceFile($"src/X/{path}", text)).Count());

    [Theory]
    [InlineData("src/X.Y/A/B.cs", "namespace X.Y.A;\nclass B;", 0)]
    [InlineData("src/X.Y/Program.cs", "return 0;", 0)]
    [InlineData("src/X.Y/A/B.cs", "namespace X.Y;\nclass B;", 1)]
    [InlineData("src/X.Y/B.cs", "class B;", 1)]
    public void ANamespaceThatIsNotItsFolderIsCaught(string path, string code, int findings) =>
        Assert.Equal(findings, NamespaceRule.Check(new SourceFile(path, code)).Count());

    [Theory]
    [InlineData(120, "", 0)]
    [InlineData(121, "", 1)]
    [InlineData(100, " https://example.org/a/long/address", 0)]
    public void ALongLineIsCaughtUnlessItIsAnAddress(int length, string end, int findings) =>
        Assert.Equal(findings, SizeRules.CheckLines(Text("//" + new string('x', length - 2) + end)).Count());

    [Theory]
    [InlineData(400, 0)]
    [InlineData(401, 1)]
    public void ALongFileIsCaught(int lines, int findings) =>
        Assert.Equal(findings, SizeRules.CheckFile(Text(string.Concat(Enumerable.Repeat("x\n", lines)))).Count());

    [Theory]
    [InlineData(60, 0)]
    [InlineData(61, 1)]
    public void ALongMethodIsCaught(int lines, int findings) =>
        Assert.Equal(findings, SizeRules.CheckMethods(Text(MethodOf(lines))).Count());

    [Fact]
    public void OneLongMethodInTwentyIsTolerated()
    {
        SourceFile[] files = [.. Enumerable.Repeat(Text(MethodOf(35)), 19), Text(MethodOf(36))];

        Assert.Empty(SizeRules.CheckUsualMethod(files));
        Assert.Equal(2, SizeRules.CheckUsualMethod([.. files, Text(MethodOf(36))]).Count());
    }

    [Fact]
    public void OneLongFileInTwentyIsTolerated()
    {
        var (usual, longer) = (Text(new string('\n', 250)), Text(new string('\n', 251)));
        SourceFile[] files = [.. Enumerable.Repeat(usual, 19), longer];

        Assert.Empty(SizeRules.CheckUsualFile(files));
        Assert.Equal(2, SizeRules.CheckUsualFile([.. files, longer]).Count());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(20, 19)]
    [InlineData(21, 20)]
    public void ThePercentileIsAnElement(int count, int expected) =>
        Assert.Equal(expected, SizeRules.Percentile95(Enumerable.Range(1, count)));

    [Theory]
    [InlineData("DateTime.Now")]
    [InlineData("System.DateTimeOffset.UtcNow")]
    [InlineData("$\"{DateTime.UtcNow}\"")]
    [InlineData("Stopwatch.StartNew()")]
    [InlineData("Random.Shared.Next()")]
    [InlineData("TimeProvider.System.GetUtcNow()")]
    [InlineData("Task.Delay(100)")]
    [InlineData("Task.Delay(Wait(1, time), cancel)")]
    [InlineData("new PeriodicTimer(period)")]
    [InlineData("new CancellationTokenSource(limit)")]
    public void TheWallClockIsCaught(string code) => Assert.NotEmpty(ClockRule.Check(Text(code)));

    [Theory]
    [InlineData("Task.Delay(wait, time, cancel)")]
    [InlineData("new PeriodicTimer(period, this.time)")]
    [InlineData("new CancellationTokenSource()")]
    [InlineData("time.GetUtcNow() // not DateTime.UtcNow")]
    public void AGivenClockIsNot(string code) => Assert.Empty(ClockRule.Check(Text(code)));

    [Fact]
    public void TheCompositionMayNameTheRealOnes() => Assert.Empty(ClockRule.Check(
        new SourceFile("src/RunnerScaler/Hosting/A.cs", "Add(TimeProvider.System); Add(Random.Shared);")));

    [Theory]
    [InlineData("log.LogInformation(\"x\")", 1)]
    [InlineData("this.logger?.LogError(e, \"x\")", 1)]
    [InlineData("LogScaled(pool, 3)", 0)]
    public void ALogLineInTheMiddleOfCodeIsCaught(string code, int findings) =>
        Assert.Equal(findings, LogRule.Check(Text(code)).Count());

    [Theory]
    [InlineData("// TO" + "DO: later", 1)]
    [InlineData("throw new NotImplemented" + "Exception();", 1)]
    [InlineData("mastodon", 0)]
    public void ALeftoverIsCaught(string text, int findings) =>
        Assert.Equal(findings, LeftoverRule.Check(Text(text)).Count());

    [Theory]
    [InlineData('<', " HEAD", 1)]
    [InlineData('>', " main", 1)]
    [InlineData('|', " 1a2b3c4", 1)]
    [InlineData('<', "", 1)]
    [InlineData('>', "\r", 1)]
    [InlineData('=', "", 1)]
    [InlineData('=', "=", 0)]
    [InlineData('<', "<", 0)]
    [InlineData('>', "x", 0)]
    public void TheMarkOfAMergeIsCaught(char mark, string rest, int findings) =>
        Assert.Equal(findings, LeftoverRule.Check(Text($"before\n{new string(mark, 7)}{rest}\nafter")).Count());

    [Fact]
    public void DecisionsOutOfFormAreCaught()
    {
        const string body = "\n\n## Context\n\n## Decision\n\n## Consequences\n";
        SourceFile[] good = [new("docs/decisions/0001-a-title.md", "# 0001. A title" + body)];

        Assert.Empty(DecisionRule.Check(good));
        SourceFile gap = new("docs/decisions/0003-gap.md", "# 0003. A gap" + body);
        Assert.Equal(2, DecisionRule.Check([.. good, gap]).Count());
        Assert.Equal(3, DecisionRule.Check([new("docs/decisions/0001-bare.md", "# 0001. Bare\n")]).Count());
        Assert.Single(DecisionRule.Check([new(good[0].Path, good[0].Text + new string('\n', 40) + "x")]));
    }

    [Fact]
    public void TheLineUnderAHeadingIsNoMarkOfAMerge() =>
        Assert.Empty(LeftoverRule.Check(new SourceFile("A.md", $"Title 1\n{new string('=', 7)}\n")));

    private static SourceFile Text(string text) => new("src/X/A.cs", text);

    private static string MethodOf(int lines) =>
        $"class A\n{{\n    void M()\n    {{{new string('\n', lines - 2)}    }}\n}}\n";
}
