namespace RunnerScaler.Tests.Tidy;

public sealed class CodeMaskTests
{
    [Theory]
    [InlineData("a // b\nc", "a     \nc")]
    [InlineData("a /* b\nc */ d", "a     \n     d")]
    [InlineData("f('{', '\\'', 'x')", "f(   ,     ,    )")]
    [InlineData("#region don't\nx", "             \nx")]
    [InlineData("f(\"{ // \\\" }\") g", "f(           ) g")]
    [InlineData("f(@\"a\"\"b\\\") g", "f(        ) g")]
    [InlineData("f(\"\") g", "f(  ) g")]
    [InlineData("f(\"\"\"a \" ' b\"\"\") g", "f(             ) g")]
    public void CommentsAndLiteralsAreBlanked(string text, string masked) =>
        Assert.Equal(masked, CodeMask.Apply(text));

    [Theory]
    [InlineData("f($\"a{b}c\") g", "f(    b   ) g")]
    [InlineData("f($\"{{a}}{b}\") g", "f(        b  ) g")]
    [InlineData("f($\"{a:HH'h'}\") g", "f(   a        ) g")]
    [InlineData("f($\"{(a ? \"}\" : b)}\") g", "f(   (a ?     : b)  ) g")]
    [InlineData("f($@\"\\{a}\") g", "f(     a  ) g")]
    [InlineData("f($$\"\"\"{a} {{b}}\"\"\") g", "f(           b     ) g")]
    public void HolesAreCode(string text, string masked) => Assert.Equal(masked, CodeMask.Apply(text));

    [Theory]
    [InlineData("\"never closed")]
    [InlineData("$\"{never")]
    [InlineData("/* never")]
    [InlineData("'")]
    [InlineData("$\"\"\"{")]
    [InlineData("\"\\")]
    public void WhatIsCutOffDoesNotLoop(string text) => Assert.Equal(text.Length, CodeMask.Apply(text).Length);

    [Fact]
    public void EveryFileKeepsItsLines()
    {
        foreach (var file in Repository.CSharp("tests").Concat(Repository.CSharp("src")))
            Assert.Equal(file.Lines.Length, file.Code.Split('\n').Length);
    }

    [Fact]
    public void EveryFileKeepsItsBracketsBalanced()
    {
        foreach (var file in Repository.CSharp("tests").Concat(Repository.CSharp("src")))
            Assert.True(file.Code.Count('{') == file.Code.Count('}') && file.Code.Count('(') == file.Code.Count(')'),
                $"{file.Path}: the mask took code for text, or text for code");
    }
}
