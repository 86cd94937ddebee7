using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Tests.Scaling;

public sealed class BudgetReporterTests
{
    [Fact]
    public void ALimitThatLastsIsNoNews()
    {
        Assert.Equal((false, "Lasts"), Of());
        Assert.Equal((false, "Lasts"), Of(Figure(1.9)));
        Assert.Equal((false, "Lasts"), Of(Figure(20) with { Account = Given.Account with { Secret = "another" } }));
    }

    [Fact]
    public void TheLimitThatIsUsedTheFastestIsNamed()
    {
        var told = BudgetReporter.Of(Given.Account, [Figure(2), Figure(9) with { Resource = "r\n\u001b[1m" }]);
        Assert.Equal((true, "UsedTooFast"), (told.Holds, told.Reason));
        Assert.Contains("5000 requests an hour that the App has", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(told.Message.ToCharArray(), char.IsControl);
        Assert.True(Conditions.IsBad(told));
    }

    [Fact]
    public void WhatIsLeftIsNotSaidSoThatTheSentenceStays() => Assert.Equal(
        BudgetReporter.Of(Given.Account, [Figure(3)]),
        BudgetReporter.Of(Given.Account, [Figure(4) with { Remaining = 1 }]));

    private static (bool?, string) Of(params BudgetFigure[] figures)
    {
        var condition = BudgetReporter.Of(Given.Account, figures);
        return (condition.Holds, condition.Reason);
    }

    private static BudgetFigure Figure(double stretch) =>
        new(Given.Account, "the App", "core", 1000, 5000, Given.Now.AddMinutes(30)) { Stretch = stretch };
}
