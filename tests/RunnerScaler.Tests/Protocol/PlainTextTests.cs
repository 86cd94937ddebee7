using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Protocol;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("a plain sentence.", "a plain sentence.")]
    [InlineData("two\r\nlines\tand \u001b[31mred", "two  lines and  [31mred")]
    [InlineData("left\u202eright\u200b\u2028!", "left right  !")]
    [InlineData("größer 日本 🙂", "größer 日本 🙂")]
    public void WhatCannotBeSeenIsASpace(string written, string shown) =>
        Assert.Equal(shown, PlainText.Line(written, 100));

    // The halves of a character cannot stand in an attribute.
    [Fact]
    public void HalfACharacterIsASpace() => Assert.Equal("half   of it", PlainText.Line("half \ud83d of it", 100));

    [Theory]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("ab🙂🙂", 4, "ab…")]
    [InlineData("abc🙂", 4, "abc…")]
    [InlineData("ab🙂", 4, "ab🙂")]
    public void WhatIsTooLongIsCutNeverWithinACharacter(string written, int longest, string shown) =>
        Assert.Equal(shown, PlainText.Line(written, longest));

    [Fact]
    public void TheResultIsBoundedAndStaysAsItIs() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.String, CsCheck.Gen.Int[1, 20]), (text, longest) =>
        {
            var line = PlainText.Line(text, longest);
            Assert.InRange(line.Length, 0, longest);
            Assert.Equal(line, PlainText.Line(line, longest));
            Assert.DoesNotContain(line, char.IsControl);
        });
}
