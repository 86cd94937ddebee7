using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class RecentFiguresTests
{
    private readonly FakeTimeProvider time = new(Given.Now);
    private readonly RecentFigures figures;

    public RecentFiguresTests() => figures = new(time);

    [Fact]
    public void WhatEndsInOneMinuteIsOneFigure()
    {
        figures.Took(Given.Linux, RunnerPhase.Start, TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(59));
        figures.Took(Given.Linux, RunnerPhase.Start, TimeSpan.FromSeconds(4));
        figures.Took(Given.Linux, RunnerPhase.Claim, TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        figures.Took(Given.Linux, RunnerPhase.Start, TimeSpan.FromSeconds(8));

        var (now, second) = (Given.Now, TimeSpan.FromSeconds(1));
        Assert.Equal(
            [
                new(Given.Linux, RunnerPhase.Start, now, 2, 6 * second),
                new(Given.Linux, RunnerPhase.Claim, now, 1, second),
                new(Given.Linux, RunnerPhase.Start, now.AddMinutes(1), 1, 8 * second),
            ],
            figures.All.OrderBy(f => f.Minute).ThenBy(f => f.Phase));
    }

    [Fact]
    public void WhatIsOlderThanAnHourIsForgotten()
    {
        for (var minute = 0; minute < 200; minute++)
        {
            figures.Took(Given.Linux, RunnerPhase.Start, TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Equal(60, figures.All.Length);
        time.Advance(TimeSpan.FromHours(2));
        Assert.Empty(figures.All);
    }
}
