using CsCheck;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Protocol;

public sealed class DurationTests
{
    [Theory]
    [InlineData("0", "00:00:00")]
    [InlineData("250ms", "00:00:00.250")]
    [InlineData("30s", "00:00:30")]
    [InlineData("5m", "00:05:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("2d", "2.00:00:00")]
    [InlineData("90m", "01:30:00")]
    [InlineData("00:00:30", "00:00:30")]
    public void ATimeIsReadAsPeopleWriteIt(string text, string time)
    {
        Assert.True(Duration.TryParse(text, out var read));
        Assert.Equal(TimeSpan.Parse(time, System.Globalization.CultureInfo.InvariantCulture), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("30 s")]
    [InlineData("30s5m")]
    [InlineData("-30s")]
    [InlineData("1.5h")]
    [InlineData("5min")]
    [InlineData("1000000s")]
    [InlineData("99999999d")]
    [InlineData("99999999999s")]
    [InlineData("30s\n")]
    public void WhatIsUnclearIsNone(string text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void WhatIsWrittenIsReadAgain() =>
        Gen.Long[0, (long)TimeSpan.FromDays(400).TotalMilliseconds].Sample(milliseconds =>
            Duration.TryParse(Duration.Format(TimeSpan.FromMilliseconds(milliseconds)), out var read)
            && read == TimeSpan.FromMilliseconds(milliseconds));
}
