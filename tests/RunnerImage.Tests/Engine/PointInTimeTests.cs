using System.Globalization;
using RunnerImage.Engine;

namespace RunnerImage.Tests.Engine;

/// <summary>Times as docker's filters say them.</summary>
public sealed class PointInTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("24h", "2026-11-28T12:00:00")]
    [InlineData("1h30m", "2026-11-29T10:30:00")]
    [InlineData("1.5h", "2026-11-29T10:30:00")]
    [InlineData("90s", "2026-11-29T11:58:30")]
    [InlineData("2026-11-01", "2026-11-01T00:00:00")]
    [InlineData("2026-11-01T10", "2026-11-01T10:00:00")]
    [InlineData("2026-11-01T10:00:00Z", "2026-11-01T10:00:00")]
    [InlineData("2026-11-01T10:00:00+02:00", "2026-11-01T08:00:00")]
    [InlineData("2026-11-01T10:00:00.5", "2026-11-01T10:00:00.5")]
    [InlineData("1700000000", "2023-11-14T22:13:20")]
    [InlineData("99999999999999999h", "0001-01-01T00:00:00")]
    [InlineData("99999999999999999999", "0001-01-01T00:00:00")]
    [InlineData("", null)]
    [InlineData("h", null)]
    [InlineData("24", "1970-01-01T00:00:24")]
    [InlineData("24 h", null)]
    [InlineData("-24h", null)]
    [InlineData("1d", null)]
    [InlineData("yesterday", null)]
    [InlineData("2026-13-01", null)]
    public void TimesAreRead(string text, string? expected) => Assert.Equal(
        expected is null
            ? null
            : DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        PointInTime.Parse(text, Now));
}
