using System.Globalization;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Tests.Scaling;

public sealed class BudgetForecastTests
{
    [Theory]
    [InlineData(5000, 30, 120)]
    [InlineData(4880, 30, 120)]
    [InlineData(3880, 30, 2120)]
    [InlineData(3880, 60, 6120)]
    [InlineData(3880, 0, 1120)]
    public void EachRepositoryIsReadInFullOnceAnHourAndAllElseGoesOn(int remaining, int minutesLeft, int used) =>
        Assert.Equal(used, BudgetForecast.Used(Figure(remaining, minutesLeft), Load(), Given.Now));

    [Theory]
    [InlineData(4800, 120, 10, "Ok", "Reading its 100 repositories, quiet ones every 10 s, is 9000 requests")]
    [InlineData(2000, 120, 10, "Warning", "about 5880 count, of 3700 that reading may use up of 5000: before")]
    [InlineData(4800, 120, 300, "Warning", "A job in a quiet repository is seen late.")]
    [InlineData(4800, 3800, 10, "Failure", "One reading of its 100 repositories takes 3800 requests")]
    public void ItSaysWhetherTheLimitIsEnough(int remaining, double reading, int quiet, string level, string says)
    {
        var found = BudgetForecast.Of(
            Figure(remaining, 30) with { Load = Load(reading, TimeSpan.FromSeconds(quiet)) }, Given.Now);
        Assert.Equal(("budget", level, "the App"), (found!.Check, $"{found.Level}", found.About));
        Assert.Contains(says, found.Sentence, StringComparison.Ordinal);
        Assert.Equal(found.Level == CheckLevel.Ok, found.Remedy is null);
    }

    [Fact]
    public void WhereNothingIsReadThereIsNothingToSay()
    {
        Assert.Null(BudgetForecast.Of(Figure(0, 30), Given.Now));
        Assert.Null(BudgetForecast.Of(
            Figure(0, 30) with { Load = new(0, 0, 0, TimeSpan.FromSeconds(4)) }, Given.Now));
    }

    [Theory]
    [InlineData(0, int.MaxValue)]
    [InlineData(int.MaxValue, 0)]
    [InlineData(int.MinValue, int.MinValue)]
    public void WhateverGitHubSaysItIsASentence(int limit, int remaining)
    {
        var figure = Figure(remaining, 90) with { Limit = limit, Load = Load(double.MaxValue) };
        var found = BudgetForecast.Of(figure, Given.Now)!;
        Assert.InRange(found.Sentence.Length, 1, 1024);
        Assert.Contains(limit.ToString(CultureInfo.InvariantCulture), found.Sentence, StringComparison.Ordinal);
    }

    private static ReadingLoad Load(double reading = 120, TimeSpan? quiet = null) =>
        new(100, reading, 9000, quiet ?? TimeSpan.FromSeconds(10));

    private static BudgetFigure Figure(int remaining, int minutesLeft) =>
        new(Given.Account, "the App", "core", remaining, 5000, Given.Now.AddMinutes(minutesLeft)) { ForReading = 3700 };
}
