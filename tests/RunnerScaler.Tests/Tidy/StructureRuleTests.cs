using RunnerScaler.Tests.Tidy.Rules;

namespace RunnerScaler.Tests.Tidy;

/// <summary>Every rule for the structure catches its offender, and leaves the innocent alone.</summary>
public sealed class StructureRuleTests
{
    [Theory]
    [InlineData("class A(@)", "int p", 8, 0)]
    [InlineData("class A(@)", "int p", 9, 1)]
    [InlineData("class A { public A(@) { } }", "int p", 9, 1)]
    [InlineData("struct A(@)", "int p", 9, 1)]
    [InlineData("record A(@)", "int p", 9, 0)]
    [InlineData("record A(@)", "IReadOnlyList<int> p", 9, 0)]
    [InlineData("record A(@)", "IPodWriter p", 9, 1)]
    [InlineData("record A(@)", "Func<int> p", 9, 1)]
    public void AConstructorWithManyParametersIsCaught(string code, string parameter, int count, int findings)
    {
        var parameters = string.Join(", ", Enumerable.Range(0, count).Select(i => parameter + i));
        var text = code.Replace("@", parameters, StringComparison.Ordinal) + ";";

        Assert.Equal(findings, ConstructorRule.Check([new("src/X/A.cs", text)], new Dictionary<string, int>()).Count());
    }

    [Theory]
    [InlineData(9, 0)]
    [InlineData(8, 1)]
    [InlineData(10, 1)]
    public void TheListOfLargeConstructorsMayOnlyShrink(int known, int findings)
    {
        var parameters = string.Join(", ", Enumerable.Range(0, 9).Select(i => $"int p{i}"));
        SourceFile[] files = [new("src/X/A.cs", $"class A({parameters});")];

        Assert.Equal(findings, ConstructorRule.Check(files, new Dictionary<string, int> { ["A"] = known }).Count());
        Assert.Equal(2, ConstructorRule.Check(files, new Dictionary<string, int> { ["B"] = known }).Count());
    }

    [Theory]
    [InlineData("class A;", "class B;", 0)]
    [InlineData("partial class A;", "class B { }", 0)]
    [InlineData("class A;", "class A<T>;", 0)]
    [InlineData("class A;", "class A;", 1)]
    [InlineData("class A;", "class B { class A; }", 1)]
    [InlineData("record A { public record Missing : A; }", "record B { public record Missing : B; }", 0)]
    [InlineData("class A { class Key; }", "class B { class Key; }", 0)]
    [InlineData("class Key;", "class B { class Key; }", 1)]
    [InlineData("class Folder;", "class B;", 1)]
    public void ANameOfTwoThingsIsCaught(string first, string second, int findings) => Assert.Equal(
        findings,
        SameNameRule.Check([new("src/X/One.cs", first), new("src/X/Folder/Two.cs", second)]).Count());

    [Fact]
    public void PartsOfOneTypeAreOneThing() => Assert.Empty(
        SameNameRule.Check([new("src/X/A.cs", "partial class A;"), new("src/X/A.More.cs", "partial class A;")]));

    [Theory]
    [InlineData("using X.B;", "using Y.A;", "", 0)]
    [InlineData("using X.B;", "using X.A;", "", 2)]
    [InlineData("using X.B;", "using X.A;", "X.A - X.B", 0)]
    [InlineData("using X.B;", "", "X.A - X.B", 1)]
    public void FoldersThatUseEachOtherAreCaught(string inA, string inB, string known, int findings) => Assert.Equal(
        findings,
        FolderRule.Check(
            [new("src/X/A/F.cs", inA), new("src/X/B/F.cs", inB)], known.Length == 0 ? [] : [known]).Count());

    [Theory]
    [InlineData("src/RunnerScaler.Sandbox/RunnerScaler.Sandbox", "Project", "../RunnerScaler/RunnerScaler.csproj", 0)]
    [InlineData("src/RunnerScaler/RunnerScaler", "Project", "../RunnerScaler.Sandbox/RunnerScaler.Sandbox.csproj", 1)]
    [InlineData("src/RunnerImage/RunnerImage", "Project", "../RunnerScaler/RunnerScaler.csproj", 1)]
    [InlineData("src/New/New", "Project", "../RunnerScaler/RunnerScaler.csproj", 1)]
    [InlineData("tests/A/A", "Project", "../../src/RunnerScaler/RunnerScaler.csproj", 0)]
    [InlineData("tests/A/A", "Project", "../B/B.csproj", 1)]
    [InlineData("tests/A/A", "Project", "../RunnerScaler.RealCluster/RunnerScaler.RealCluster.csproj", 0)]
    [InlineData("src/New/New", "Project", "../RunnerScaler.RealCluster/RunnerScaler.RealCluster.csproj", 1)]
    [InlineData("src/RunnerScaler/RunnerScaler", "Package", "Octokit", 0)]
    [InlineData("src/RunnerScaler/RunnerScaler", "Package", "xunit.v3", 1)]
    [InlineData("tests/A/A", "Package", "xunit.v3", 0)]
    public void AReferenceAgainstTheDirectionIsCaught(string project, string kind, string to, int findings) =>
        Assert.Equal(findings, ProjectRule.Check(new SourceFile(
            $"{project}.csproj",
            $"<Project><ItemGroup><{kind}Reference Include=\"{to}\" /></ItemGroup></Project>")).Count());
}
