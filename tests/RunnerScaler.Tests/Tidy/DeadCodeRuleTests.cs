using RunnerScaler.Tests.Tidy.Dead;

namespace RunnerScaler.Tests.Tidy;

/// <summary>What nothing uses is found, and what something uses is not, however indirectly.</summary>
public sealed class DeadCodeRuleTests
{
    private const string Program = "Console.WriteLine(new Used().Value); class Used { public int Value => 1; @ }";

    [Theory]
    [InlineData("public int Other => 1;", "Used.Other")]
    [InlineData("void Recursive() => Recursive();", "Used.Recursive")]
    [InlineData("int written; public override int GetHashCode() => written = 1;", "Used.written")]
    [InlineData("void First() => Second(); void Second() { }", "Used.First", "Used.Second")]
    [InlineData("class Inner { public int Deep => 1; }", "Used.Inner")]
    [InlineData("const string Name = \"a\";", "Used.Name")]
    [InlineData("event Action Changed;", "Used.Changed")]
    public void WhatNothingUsesIsFound(string member, params string[] found) =>
        Assert.Equal(found, Find(Program.Replace("@", member, StringComparison.Ordinal)));

    [Theory]
    [InlineData("public override string ToString() => Called(); string Called() => \"\";")]
    [InlineData("static Used() => Called(); static void Called() { }")]
    [InlineData("public static bool operator !(Used u) => Called(); static bool Called() => true;")]
    [InlineData("public void AppendLiteral(string text) => Called(); void Called() { }")]
    public void WhatDotNetCallsIsUsed(string member) =>
        Assert.Empty(Find(Program.Replace("@", member, StringComparison.Ordinal)));

    [Theory]
    [InlineData("IA a = new B(); a.Run(); interface IA { void Run(); } class B : IA { public void Run() => X(); "
        + "void X() { } }")]
    [InlineData("A a = new B(); a.Run(); abstract class A { public abstract void Run(); } class B : A { "
        + "public override void Run() { } }")]
    [InlineData("new B().Count(); class B : List<int> { public new int Count() => 1; }")]
    [InlineData("\"\".Twice(); static class B { public static string Twice(this string s) => s + s; }")]
    public void WhatIsUsedThroughAnotherTypeIsUsed(string code) => Assert.Empty(Find(code));

    [Theory]
    [InlineData("Console.WriteLine(new A(1).X); record A(int X);")]
    [InlineData("Console.WriteLine($\"{new A(1)}\"); record A(int X);")]
    [InlineData("Console.WriteLine(new A(1) == new A(2)); record A(int X);")]
    [InlineData("var (x, y) = new A(1, 2); Console.WriteLine(x + y); record A(int X, int Y);")]
    [InlineData("Console.WriteLine(new Dictionary<A, int> { [new(1)] = 1 }); record A(int X);")]
    [InlineData("System.Text.Json.JsonSerializer.Serialize(new A(new(1))); record A(B X); record B(int Y);")]
    [InlineData("using System.Text.Json.Serialization; Json.Write(new A(1)); record A(int X); "
        + "[JsonSerializable(typeof(A))] class Json { public static void Write(A a) => GC.KeepAlive(a); }")]
    [InlineData("Console.WriteLine(Enum.Parse<A>(\"X\")); enum A { X, Y }")]
    public void AValueThatMattersAsAWholeIsUsed(string code) => Assert.Empty(Find(code));

    [Theory]
    [InlineData("Console.WriteLine(new A(1).Equals(null)); record A(int X) { public int Y { get; init; } }",
        "A.X", "A.Y")]
    [InlineData("Console.WriteLine(A.X); enum A { X, Y }", "A.Y")]
    public void AValueThatNobodyReadsIsFound(string code, params string[] found) => Assert.Equal(found, Find(code));

    [Fact]
    public void WhatOnlyAGeneratorKnowsIsTakenForUsed() =>
        Assert.Empty(Find("Generated.Made().Value.ToString(); class A { public int Value => 1; }"));

    [Fact]
    public void WhatOnlyTestsUseIsFoundUnlessTheyMay()
    {
        SourceFile[] files = [new("src/X/Program.cs", "class A { public static int Count => 1; }")];

        Assert.Single(DeadCodeRule.Check(files, [], _ => false));
        Assert.Empty(DeadCodeRule.Check(files, [], symbol => symbol.Name == "Count"));
    }

    [Fact]
    public void TheListOfWhatOnlyTestsUseMayOnlyShrink()
    {
        SourceFile[] files = [new("src/X/Program.cs", "_ = typeof(A); class A { public static int Count => 1; }")];

        Assert.Empty(DeadCodeRule.Check(files, ["A.Count"], _ => false));
        Assert.Equal(2, DeadCodeRule.Check(files, ["A.Gone"], _ => false).Count());
    }

    private static IEnumerable<string> Find(string code) =>
        DeadCodeRule.Check([new("src/X/Program.cs", code)], [], _ => false)
            .Select(f => f.Message.Split(' ')[4].Trim(':', '.'));
}
