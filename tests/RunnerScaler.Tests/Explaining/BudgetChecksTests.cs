using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Status;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

public sealed class BudgetChecksTests
{
    [Fact]
    public void OnlyWhoMayReadAPoolOfTheCredentialIsToldOfIt()
    {
        var load = new ReadingLoad(2, 2, 900, TimeSpan.FromSeconds(4));
        var figure = new BudgetFigure(Given.Account, "the App", "core", 4000, 5000, Given.Now.AddMinutes(30))
        {
            ForReading = 3700,
            Load = load,
        };
        var known = Told.Known([Given.Pool()], []) with
        {
            Budgets =
            [
                figure,
                figure with { Resource = "search", Load = null },
                figure with { Account = Given.Account with { Secret = "another" }, Holder = "another" },
            ],
        };
        Assert.Equal(["the App"], BudgetChecks.Of(known, Told.Ci).Select(c => c.About));
        Assert.Empty(BudgetChecks.Of(known, Reader.OfNothing));
    }

    [Fact]
    public void ThePoolsOfScaleSetsHaveTheSameCredential()
    {
        var pool = Given.Pool() with { Account = Given.Account with { ScaleSetsOf = "linux" } };
        var known = Told.Known([pool], []) with
        {
            Budgets = [new(Given.Account, "the App", "core", 1, 5000, Given.Now.AddMinutes(30)) { Stretch = 9 }],
        };
        Assert.Single(OverviewExplanation.Of(known, Told.Ci).Budgets);
        Assert.True(BudgetReporter.Of(pool.Account, known.Budgets).Holds);
    }
}
