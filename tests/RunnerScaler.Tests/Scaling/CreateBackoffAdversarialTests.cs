using System.Collections.Immutable;
using CsCheck;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class CreateBackoffAdversarialTests
{
    [Fact]
    public void EveryPauseEndsThoughNothingHappens() =>
        Gen.Int[0, 900].Array[0, 60].Sample(ages =>
        {
            var failures = ages.OrderDescending().Select(a => Given.Now.AddSeconds(-a)).ToImmutableArray();
            var (now, pauses) = (Given.Now, 0);
            while (CreateBackoff.NotBefore(failures, now) is { } until)
            {
                Assert.True(until > now && ++pauses <= 2);
                now = until;
            }
        });

    [Fact]
    public void OneFailureMoreNeverShortensThePause() =>
        Gen.Int[1, 40].Sample(count => Pause(count + 1) >= Pause(count));

    [Fact]
    public void APoolThatFailsForEverMakesLessThanOnePodAMinuteAndIsNeverGivenUp()
    {
        var (failures, now) = (ImmutableArray<DateTimeOffset>.Empty, Given.Now);
        var tries = 0;
        for (; now < Given.Now.AddHours(6); tries++)
        {
            failures = [.. failures, now];
            now = CreateBackoff.NotBefore(failures, now) ?? now.AddSeconds(1);
        }
        Assert.InRange(tries, 6 * 12, (6 * 60) - 1);
    }

    private static TimeSpan Pause(int failures) =>
        CreateBackoff.NotBefore([.. Enumerable.Repeat(Given.Now, failures)], Given.Now) - Given.Now ?? TimeSpan.Zero;
}
