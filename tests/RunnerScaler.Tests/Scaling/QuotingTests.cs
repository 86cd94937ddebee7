using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.Scaling;

public sealed class QuotingTests
{
    [Theory]
    [InlineData(null, "''")]
    [InlineData("build & push (x64)", "'build & push (x64)'")]
    [InlineData("Über 構築 🚀", "'Über 構築 🚀'")]
    [InlineData("a\nb\r\u001b[31m\u0000", "'a\\u000ab\\u000d\\u001b[31m\\u0000'")]
    [InlineData("\u202egnp", "'\\u202egnp'")]
    [InlineData("\u2028", "'\\u2028'")]
    public void WhatATerminalWouldObeyIsEscaped(string? text, string shown) => Assert.Equal(shown, text.Quote());

    [Fact]
    public void HalvesOfCharactersAreEscaped() => Assert.Equal("'\\ufffda'", "\ud800a".Quote());

    [Fact]
    public void LongTextsAreCut() => Assert.Equal("'xxx…'", new string('x', 1_000_000).Quote(3));
}
