using CsCheck;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Protocol;

public sealed class ClaimTurnTests
{
    private static readonly ClaimAnswer Refusal = new ClaimAnswer.Refused("no pod of ours");
    private static readonly ClaimAnswer Silence = new ClaimAnswer.None("did not answer");

    [Theory]
    [InlineData("granted", 0.0)]
    [InlineData("retired", 0.0)]
    [InlineData("standby after 0", 1.0)]
    [InlineData("standby after 0.4", 0.6)]
    [InlineData("standby after 50", 0.0)]
    [InlineData("away for 40", 42.0)]
    [InlineData("unavailable for 7", 7.35)]
    [InlineData("refused", 0.375)]
    [InlineData("unauthorized", 0.375)]
    [InlineData("nothing", 0.375)]
    public void WhatFollowsTheFirstAnswer(string answer, double seconds)
    {
        var words = answer.Split(' ');
        ClaimAnswer said = words[0] switch
        {
            "granted" => new ClaimAnswer.Granted("linux-7", "c2VjcmV0"),
            "retired" => new ClaimAnswer.Retired(""),
            "standby" => new ClaimAnswer.Standby(),
            "away" => new ClaimAnswer.Standby(Seconds(words[2])),
            "unavailable" => new ClaimAnswer.Unavailable(Seconds(words[2])),
            "refused" => Refusal,
            "unauthorized" => new ClaimAnswer.Unauthorized(),
            _ => Silence,
        };
        var pause = new ClaimTurn().After(said, words[0] == "standby" ? Seconds(words[2]) : default, 0.5).Pause;
        if (words[0] is "granted" or "retired")
            Assert.Null(pause);
        else
            Assert.Equal(seconds, pause!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void TheThirdRefusalInARowIsTheEnd()
    {
        Assert.Equal([false, false, true], Ends(Refusal, Refusal, Refusal));
        foreach (var between in (ClaimAnswer[])
            [
                Silence, new ClaimAnswer.Unauthorized(), new ClaimAnswer.Standby(),
                new ClaimAnswer.Unavailable(TimeSpan.FromSeconds(1)),
            ])
            Assert.Equal(
                [false, false, false, false, false, true], Ends(Refusal, Refusal, between, Refusal, Refusal, Refusal));
    }

    [Fact]
    public void PausesDoubleToHalfAMinuteAndBeginAnewAfterAnAnswer()
    {
        var pauses = Pauses([.. Enumerable.Repeat(Silence, 9), new ClaimAnswer.Standby(), Silence], chance: 1);
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30, 1, 0.5], pauses);
    }

    /// <summary>Whatever a pod hears, it neither asks in a busy loop nor waits longer than it was asked to.</summary>
    [Fact]
    public void EveryPauseIsBounded() => Gen.Select(HostileText.Replies.Array[1, 12], Gen.Double[0, 0.999])
        .Sample((replies, chance) =>
        {
            var (turn, refusals) = (new ClaimTurn(), 0);
            foreach (var reply in replies)
            {
                var answer = reply.ToClaimAnswer();
                (turn, var pause) = turn.After(answer, TimeSpan.Zero, chance);
                refusals = answer is ClaimAnswer.Refused ? refusals + 1 : 0;
                Assert.Equal(answer is ClaimAnswer.Granted or ClaimAnswer.Retired || refusals >= 3, pause is null);
                if (pause is { } wait)
                    Assert.InRange(wait, TimeSpan.FromSeconds(0.25), TimeSpan.FromMinutes(5.5));
            }
        });

    [Fact]
    public void AnIdentityIsGivenBackUntilSomebodySaysHowItIs() => HostileText.Replies.Sample(reply =>
    {
        var answer = reply.ToReturnAnswer();
        var pause = ClaimTurn.After(answer, tried: 1, chance: 0.5);
        Assert.Equal(
            answer is ReturnAnswer.Returned or ReturnAnswer.Busy or ReturnAnswer.Refused, pause is null);
    });

    private static TimeSpan Seconds(string text) =>
        TimeSpan.FromSeconds(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture));

    private static IEnumerable<bool> Ends(params ClaimAnswer[] answers) => Turns(answers, 0.5).Select(p => p is null);

    private static IEnumerable<double> Pauses(ClaimAnswer[] answers, double chance) =>
        Turns(answers, chance).Select(p => p!.Value.TotalSeconds);

    private static IEnumerable<TimeSpan?> Turns(ClaimAnswer[] answers, double chance)
    {
        var turn = new ClaimTurn();
        foreach (var answer in answers)
        {
            (turn, var pause) = turn.After(answer, TimeSpan.Zero, chance);
            yield return pause;
        }
    }
}
