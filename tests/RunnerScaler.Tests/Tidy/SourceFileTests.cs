namespace RunnerScaler.Tests.Tidy;

public sealed class SourceFileTests
{
    [Theory]
    [InlineData("a // b\nc", "a     \nc")]
    [InlineData("a /* b\nc */ d", "a     \n     d")]
    [InlineData("f('{', '\\'', 'x')", "f(   ,     ,    )")]
    [InlineData("#region don't\nx", "             \nx")]
    [InlineData("f(\"{ // \\\" }\") g", "f(           ) g")]
    [InlineData("f(\"\"\"a \" ' b\"\"\") g", "f(             ) g")]
    public void CommentsAndLiteralsAreNoCode(string text, string code) =>
        Assert.Equal(code, new SourceFile("src/X/A.cs", text).Code);

    [Theory]
    [InlineData("f($\"a{b}c\") g", "f(    b   ) g")]
    [InlineData("f($\"{{a}}{b}\") g", "f(        b  ) g")]
    [InlineData("f($\"{(a ? \"}\" : b)}\") g", "f(   (a ?     : b)  ) g")]
    [InlineData("f($$\"\"\"{a} {{b}}\"\"\") g", "f(           b     ) g")]
    public void HolesOfStringsAreCode(string text, string code) =>
        Assert.Equal(code, new SourceFile("src/X/A.cs", text).Code);
}
