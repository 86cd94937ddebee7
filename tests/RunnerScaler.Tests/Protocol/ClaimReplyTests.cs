using System.Text;
using CsCheck;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Protocol;

/// <summary>The answers to claims, from the controller's side and from the pod's.</summary>
public sealed class ClaimReplyTests
{
    private static readonly Gen<string> Words = Gen.String[Gen.Char[' ', '~'], 1, 60].Where(w => w.Trim() == w);

    private static readonly Gen<TimeSpan> Pauses = Gen.Int[1, 300].Select(s => TimeSpan.FromSeconds(s));

    [Fact]
    public void APodReadsWhatTheControllerHasWritten() => Gen.OneOf<ClaimAnswer>(
            Gen.Select(Words, Words, (name, jit) => (ClaimAnswer)new ClaimAnswer.Granted(name, jit)),
            Words.Select(w => (ClaimAnswer)new ClaimAnswer.Retired(w)),
            Words.Select(w => (ClaimAnswer)new ClaimAnswer.Refused(w)),
            Pauses.Select(p => (ClaimAnswer)new ClaimAnswer.Unavailable(p)),
            Pauses.Select(p => (ClaimAnswer)new ClaimAnswer.Standby(p)),
            HostileText.OneOf<ClaimAnswer>(new ClaimAnswer.Standby(), new ClaimAnswer.Unauthorized()))
        .Sample(said => Assert.Equal(said, ClaimReply.Of(said).ToClaimAnswer()));

    [Fact]
    public void TheSameWhenAnIdentityIsGivenBack() => Gen.OneOf<ReturnAnswer>(
            Words.Select(w => (ReturnAnswer)new ReturnAnswer.Refused(w)),
            Pauses.Select(p => (ReturnAnswer)new ReturnAnswer.Unavailable(p)),
            HostileText.OneOf<ReturnAnswer>(
                new ReturnAnswer.Returned(), new ReturnAnswer.Busy(), new ReturnAnswer.Unauthorized()))
        .Sample(said => Assert.Equal(said, ClaimReply.Of(said).ToReturnAnswer()));

    /// <summary>A secret passes as it is, whatever is in it: GitHub decides what a JIT config looks like.</summary>
    [Fact]
    public void AJitConfigIsNeitherChangedNorShown() => Gen.String[1, 2000].Where(IsText).Sample(jit =>
    {
        var reply = ClaimReply.Of(new ClaimAnswer.Granted("linux-7", jit));
        var heard = Assert.IsType<ClaimAnswer.Granted>(reply.ToClaimAnswer());
        Assert.Equal(jit, heard.JitConfig);
        Assert.Equal("Granted { RunnerName = linux-7 } ClaimReply { Status = 200, RetryAfter =  }", $"{heard} {reply}");
    });

    /// <summary>Whoever answers in the controller's place: it is an answer, and what is shown is bounded.</summary>
    [Fact]
    public void WhateverIsAnsweredIsRead() => HostileText.Replies.Sample(reply =>
    {
        var pause = reply.ToClaimAnswer() switch
        {
            ClaimAnswer.Granted(var name, var jit) when jit.Length > 0 => AssertShort(name),
            ClaimAnswer.Retired(var why) => AssertShort(why),
            ClaimAnswer.Refused(var why) => AssertShort(why),
            ClaimAnswer.None(var problem) => AssertShort(problem),
            ClaimAnswer.Unavailable(var after) => after,
            ClaimAnswer.Standby({ } after) => after,
            ClaimAnswer.Standby or ClaimAnswer.Unauthorized => TimeSpan.FromSeconds(1),
            var other => throw new InvalidOperationException($"{other}"),
        };
        Assert.InRange(pause, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Assert.NotNull(reply.ToReturnAnswer());
    });

    [Theory]
    [InlineData(409)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(500)]
    [InlineData(302)]
    public void AStatusThatIsNotTheControllersIsNoAnswer(int status) => Assert.Equal(
        new ClaimAnswer.None($"answered with status {status}"), new ClaimReply(status, null, default).ToClaimAnswer());

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"runnerName":"linux-7"}""")]
    [InlineData("""{"jitConfig":"c2VjcmV0"}""")]
    [InlineData("""{"runnerName":"linux-7","jitConfig":""}""")]
    [InlineData("""{"runnerName":7,"jitConfig":"c2VjcmV0"}""")]
    [InlineData("""{"runnerName":"linux-7","jitConfig":"\ud800"}""")]
    [InlineData("""{"runnerName":"linux-7","jitConfig":"c2VjcmV0" """)]
    public void AnIdentityThatIsNoneIsNotShown(string body) => Assert.Equal(
        new ClaimAnswer.None("answered 200 without an identity"),
        new ClaimReply(200, null, Encoding.UTF8.GetBytes(body)).ToClaimAnswer());

    [Fact]
    public void AReasonIsOneLineOfBoundedLength()
    {
        var refused = new ClaimReply(403, null, Encoding.UTF8.GetBytes("no\n\x1b[31m " + new string('x', 100_000)));
        var why = Assert.IsType<ClaimAnswer.Refused>(refused.ToClaimAnswer()).Why;
        Assert.StartsWith("no  [31m x", why, StringComparison.Ordinal);
        Assert.Equal(300, why.Length);
        var silent = new ClaimReply(410, null, "\n \n"u8.ToArray());
        Assert.Equal(new ClaimAnswer.Retired("no reason was given"), silent.ToClaimAnswer());
    }

    [Fact]
    public void WhatOnlyPodsSayIsNotWritten()
    {
        Assert.Throws<ArgumentException>(() => ClaimReply.Of(new ClaimAnswer.None("x")));
        Assert.Throws<ArgumentException>(() => ClaimReply.Of(new ReturnAnswer.None("x")));
    }

    private static bool IsText(string text) => !text.EnumerateRunes().Contains(Rune.ReplacementChar);

    private static TimeSpan AssertShort(string shown)
    {
        Assert.InRange(shown.Length, 1, 300);
        Assert.DoesNotContain(shown, char.IsControl);
        return TimeSpan.FromSeconds(1);
    }
}
