using System.Collections.Immutable;
using CsCheck;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class CreateBackoffTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 10)]
    [InlineData(5, 20)]
    [InlineData(6, 40)]
    [InlineData(8, 160)]
    [InlineData(9, 300)]
    [InlineData(500, 300)]
    public void AfterAFewFailuresThePauseDoublesUpToFiveMinutes(int failures, int seconds) =>
        Assert.Equal(
            seconds == 0 ? null : Given.Now.AddSeconds(seconds),
            CreateBackoff.NotBefore([.. Enumerable.Repeat(Given.Now, failures)], Given.Now));

    [Fact]
    public void ThePauseEnds() =>
        Assert.Null(CreateBackoff.NotBefore([.. Enumerable.Repeat(Given.Now, 4)], Given.Now.AddSeconds(10)));

    [Fact]
    public void OldFailuresAreForgotten() =>
        Assert.Null(CreateBackoff.NotBefore(
            [.. Enumerable.Repeat(Given.Now - CreateBackoff.Memory, 9), .. Enumerable.Repeat(Given.Now, 3)],
            Given.Now));

    [Theory]
    [InlineData("RanJob", false)]
    [InlineData("Retired", false)]
    [InlineData("Evicted", false)]
    [InlineData("Lost", false)]
    [InlineData("NoJob", true)]
    [InlineData("StartDeadline", true)]
    [InlineData("RegisterDeadline", true)]
    [InlineData("OutOfMemory", true)]
    [InlineData("Failed", true)]
    public void OnlyWhatThePodsOwnShapeMayCauseIsAFailure(string outcome, bool failure) =>
        Assert.Equal(failure, CreateBackoff.IsFailure(Enum.Parse<OutcomeKind>(outcome)));

    [Fact]
    public void ThePauseIsAheadAndNeverLongerThanFiveMinutes() =>
        Gen.Int[0, 3600].Array[0, 30].Sample(ages =>
        {
            var failures = ages.OrderDescending().Select(a => Given.Now.AddSeconds(-a)).ToImmutableArray();
            return CreateBackoff.NotBefore(failures, Given.Now) is not { } until
                || (until > Given.Now && until <= Given.Now.AddMinutes(5) && failures.Length > CreateBackoff.Free);
        });
}
