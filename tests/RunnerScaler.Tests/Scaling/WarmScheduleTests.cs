using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.Scaling;

public sealed class WarmScheduleTests
{
    private static readonly DayOfWeek[] WorkDays =
        [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday];

    [Theory]
    [InlineData("2026-01-05T07:59:59Z", 2)]
    [InlineData("2026-01-05T08:00:00Z", 10)]
    [InlineData("2026-01-05T17:59:59Z", 10)]
    [InlineData("2026-01-05T18:00:00Z", 2)]
    [InlineData("2026-01-03T12:00:00Z", 2)]
    public void AWindowHoldsFromItsOpeningUpToItsClosingOnItsDays(string now, int standby) =>
        Assert.Equal(standby, At(now, Window("08:00", "18:00", 10, WorkDays)));

    [Theory]
    [InlineData("2026-01-04T23:00:00Z", 2)]
    [InlineData("2026-01-05T21:59:59Z", 2)]
    [InlineData("2026-01-05T22:00:00Z", 10)]
    [InlineData("2026-01-06T05:59:59Z", 10)]
    [InlineData("2026-01-06T06:00:00Z", 2)]
    [InlineData("2026-01-06T23:00:00Z", 2)]
    public void AWindowOverMidnightBelongsToTheDayOnWhichItOpens(string now, int standby) =>
        Assert.Equal(standby, At(now, Window("22:00", "06:00", 10, DayOfWeek.Monday)));

    [Theory]
    [InlineData("2026-01-05T00:00:00Z", 10)]
    [InlineData("2026-01-05T23:59:59Z", 10)]
    [InlineData("2026-01-06T00:00:00Z", 2)]
    public void AWindowThatClosesWhenItOpensLastsADay(string now, int standby) =>
        Assert.Equal(standby, At(now, Window("00:00", "00:00", 10, DayOfWeek.Monday)));

    [Fact]
    public void OfSeveralOpenWindowsTheLargestCountsEvenIfItIsBelowThePools()
    {
        Assert.Equal(7, At("2026-01-05T12:00:00Z", Window("08:00", "18:00", 3), Window("11:00", "13:00", 7)));
        Assert.Equal(0, At("2026-01-05T12:00:00Z", Window("08:00", "18:00", 0)));
    }

    [Fact]
    public void TheClockOfTheZoneIsMeantDaylightSavingIncluded()
    {
        var window = Window("08:00", "18:00", 10) with { Zone = Clocks.Zurich };
        Assert.Equal([2, 10], new[] { "2026-01-05T06:59:59Z", "2026-01-05T07:00:00Z" }.Select(t => At(t, window)));
        Assert.Equal([2, 10], new[] { "2026-07-06T05:59:59Z", "2026-07-06T06:00:00Z" }.Select(t => At(t, window)));
    }

    [Fact]
    public void TheNextChangeIsTheNextOpeningOrClosing()
    {
        var window = Window("08:00", "18:00", 10, DayOfWeek.Monday);
        Assert.Equal(At("2026-01-05T08:00:00Z"), Next("2026-01-05T07:00:00Z", window));
        Assert.Equal(At("2026-01-05T18:00:00Z"), Next("2026-01-05T08:00:00Z", window));
        Assert.Equal(At("2026-01-12T08:00:00Z"), Next("2026-01-05T18:00:00Z", window));
        Assert.Null(Next("2026-01-05T18:00:00Z"));
    }

    private static WarmWindow Window(string from, string to, int standby, params DayOfWeek[] days) => new(
        [.. days], TimeOnly.Parse(from, null), TimeOnly.Parse(to, null), TimeZoneInfo.Utc, standby);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, null);

    private static int At(string now, params WarmWindow[] windows) =>
        WarmSchedule.Standby(new(2, 0, [.. windows]), At(now));

    private static DateTimeOffset? Next(string now, params WarmWindow[] windows) =>
        WarmSchedule.NextChange(new(2, 0, [.. windows]), At(now));
}
