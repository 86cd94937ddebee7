using CsCheck;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class WarmScheduleAdversarialTests
{
    /// <summary>Around the nights in which clocks are moved, as well as any other time.</summary>
    private static readonly Gen<DateTimeOffset> AnyTime = Gen.Select(
        Gen.OneOf("2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z", "2026-04-25T14:00:00Z", "2026-10-24T14:00:00Z",
            "2026-06-01T00:00:00Z"),
        Gen.Int[-4000, 4000],
        (day, minutes) => DateTimeOffset.Parse(day, null).AddMinutes(minutes));

    private static readonly Gen<WarmWindow> AnyWindow =
        from days in Gen.Enum<DayOfWeek>().Array[0, 3]
        from quarters in Gen.Select(Gen.Int[0, 95], Gen.Int[0, 95])
        from zone in Gen.OneOf(Clocks.Zurich, Clocks.LordHowe, TimeZoneInfo.Utc)
        from standby in Gen.Int[0, 5]
        select new WarmWindow(
            [.. days.Distinct()],
            new TimeOnly(0, 0).AddMinutes(quarters.Item1 * 15), new TimeOnly(0, 0).AddMinutes(quarters.Item2 * 15),
            zone, standby);

    [Fact]
    public void NothingChangesBeforeTheNextChange() =>
        Gen.Select(AnyWindow.Array[1, 3], AnyTime).Sample((windows, now) =>
        {
            var warm = new WarmSettings(2, 0, [.. windows]);
            var next = WarmSchedule.NextChange(warm, now)!.Value;
            Assert.True(next > now);
            for (var time = now; time < next && time < now.AddDays(3); time = time.AddMinutes(5))
                Assert.Equal(WarmSchedule.Standby(warm, now), WarmSchedule.Standby(warm, time));
            Assert.Equal(WarmSchedule.Standby(warm, now), WarmSchedule.Standby(warm, next.AddTicks(-1)));
        }, iter: 2000);

    [Fact]
    public void TheNextChangeOfAWeeklyWindowIsAChange() =>
        Gen.Select(AnyWindow, Gen.Enum<DayOfWeek>(), AnyTime).Sample((window, day, now) =>
        {
            var warm = new WarmSettings(-1, 0, [window with { Days = [day] }]);
            var next = WarmSchedule.NextChange(warm, now)!.Value;
            Assert.NotEqual(WarmSchedule.Standby(warm, next), WarmSchedule.Standby(warm, next.AddTicks(-1)));
        }, iter: 2000);

    [Fact]
    public void AWindowOpensOnceInTheNightInWhichAnHourIsRepeated()
    {
        var window = new WarmWindow([], new(2, 30), new(6, 0), Clocks.Zurich, 10);
        var night = DateTimeOffset.Parse("2026-10-25T00:00:00Z", null);
        var openings = Enumerable.Range(0, 300).Count(m =>
            At(night.AddMinutes(m)) == 10 && At(night.AddMinutes(m - 1)) == 0);
        Assert.Equal(1, openings);

        int At(DateTimeOffset time) => WarmSchedule.Standby(new(0, 0, [window]), time);
    }

    [Fact]
    public void AWeeklyWindowInTheHourThatIsSkippedOpensAWeekLater()
    {
        var warm = new WarmSettings(
            0, 0, [new([DayOfWeek.Sunday], new(2, 15), new(3, 0), Clocks.Zurich, 10)]);
        var before = DateTimeOffset.Parse("2026-03-27T20:02:00Z", null);
        Assert.Equal(DateTimeOffset.Parse("2026-04-05T00:15:00Z", null), WarmSchedule.NextChange(warm, before));
    }

    [Fact]
    public void AWindowThatOpensInTheHourThatIsSkippedOpensWhenTheClockShowsItAgain()
    {
        var warm = new WarmSettings(0, 0, [new([], new(2, 30), new(6, 0), Clocks.Zurich, 10)]);
        var night = DateTimeOffset.Parse("2026-03-29T00:00:00Z", null);
        Assert.Equal(DateTimeOffset.Parse("2026-03-29T01:30:00Z", null), WarmSchedule.NextChange(warm, night));
        Assert.Equal(0, WarmSchedule.Standby(warm, night.AddMinutes(89)));
        Assert.Equal(10, WarmSchedule.Standby(warm, night.AddMinutes(90)));
    }
}
