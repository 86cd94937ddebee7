using CsCheck;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Http;

namespace RunnerScaler.Tests.GitHub;

public sealed class QuotaTests
{
    private static readonly DateTimeOffset Now = FakeGitHub.Start;
    private static readonly GitHubOptions Options = new();

    [Theory]
    [InlineData(5000, 60, 1)]
    [InlineData(4500, 60, 1.34)]
    [InlineData(3150, 30, 1)]
    [InlineData(2225, 30, 4)]
    [InlineData(1300, 30, 20)]
    [InlineData(0, 30, 20)]
    [InlineData(0, 0, 1)]
    [InlineData(0, -5, 1)]
    public void PeriodsAreStretchedWhenTheBudgetRunsOutBeforeTheHour(int remaining, int minutes, double stretch) =>
        Assert.Equal(stretch, new Quota(5000, remaining, Now.AddMinutes(minutes)).Stretch(Options, Now), 0.01);

    [Fact]
    public void StretchIsBoundedAndGrowsAsLessRemains() =>
        Gen.Select(Gen.Int[1, 20_000], Gen.Int[0, 20_000].Array[2], Gen.Int[0, 3600]).Sample((limit, left, s) =>
        {
            var more = new Quota(limit, left.Max(), Now.AddSeconds(s)).Stretch(Options, Now);
            var less = new Quota(limit, left.Min(), Now.AddSeconds(s)).Stretch(Options, Now);
            return more is >= 1 and <= 20 && less is >= 1 and <= 20 && less >= more;
        });

    [Theory]
    [InlineData("5000", "4000", "600", 5000, 4000, 600)]
    [InlineData("5000", "9000", "600", 5000, 5000, 600)]
    [InlineData("5000", "4000", "99999999999", 5000, 4000, 3600)]
    public void HeadersAreBelievedWithinReason(
        string limit, string remaining, string reset, int readLimit, int left, int seconds) =>
        Assert.Equal(new Quota(readLimit, left, Now.AddSeconds(seconds)), Read(limit, remaining, reset));

    [Theory]
    [InlineData("0", "0", "600")]
    [InlineData("-1", "0", "600")]
    [InlineData("99999999999", "1", "600")]
    [InlineData("5000", "many", "600")]
    [InlineData("5000", null, "600")]
    [InlineData("5000", "4000", null)]
    public void HeadersThatMakeNoSenseAreNone(string limit, string? remaining, string? reset) =>
        Assert.Null(Read(limit, remaining, reset));

    [Theory]
    [InlineData(0.06, 5000)]
    [InlineData(0.05, 1000)]
    [InlineData(0.8, 60)]
    public void SomethingIsAlwaysLeftToReadWith(double share, int limit) =>
        Assert.InRange(new Quota(limit, limit, Now).Floor(new GitHubOptions { ReadShare = share }), 0, limit - 1);

    private static Quota? Read(string? limit, string? remaining, string? reset)
    {
        using var answer = new HttpResponseMessage();
        Add("x-ratelimit-limit", limit);
        Add("x-ratelimit-remaining", remaining);
        Add("x-ratelimit-reset", reset is null ? null : $"{Now.ToUnixTimeSeconds() + long.Parse(reset, null)}");
        return Quota.Of(answer, Now);

        void Add(string name, string? value)
        {
            if (value is not null)
                answer.Headers.TryAddWithoutValidation(name, value);
        }
    }

    [Fact]
    public void OfTwoReadingsOfOneHourTheSmallerCounts()
    {
        var first = new Quota(5000, 100, Now);

        Assert.Equal(90, first.With(new Quota(5000, 90, Now)).Remaining);
        Assert.Equal(100, first.With(new Quota(5000, 110, Now)).Remaining);
        Assert.Equal(5000, first.With(new Quota(5000, 5000, Now.AddHours(1))).Remaining);
        Assert.Equal(100, first.With(new Quota(5000, 4000, Now.AddHours(-1))).Remaining);
    }
}
