using System.Net;
using System.Net.Http.Headers;
using RunnerScaler.GitHub.Http;

namespace RunnerScaler.Tests.GitHub;

public sealed class LimitAnswerTests
{
    private static readonly DateTimeOffset Now = FakeGitHub.Start;

    [Theory]
    [InlineData(403, "30", null, "", 0, 30)]
    [InlineData(429, "0", null, "", 0, 1)]
    [InlineData(429, "120", 600, "", 5, 120)]
    [InlineData(403, null, 600, "", 0, 601)]
    [InlineData(429, null, 600, "", 3, 601)]
    [InlineData(403, null, -20, "", 0, 1)]
    [InlineData(429, null, null, "", 0, 60)]
    [InlineData(429, null, null, "", 2, 240)]
    [InlineData(429, null, null, "", 50, 900)]
    [InlineData(403, null, null, "You have exceeded a secondary rate limit.", 0, 60)]
    [InlineData(403, null, null, "You have triggered an abuse detection mechanism.", 1, 120)]
    public void ThePauseFollowsTheHeaders(
        int status, string? retryAfter, int? resetIn, string body, int streak, int pause)
    {
        using var answer = Answer(status, retryAfter, resetIn);

        var limit = LimitAnswer.Read(answer, body, streak, Now);

        Assert.Equal(Now.AddSeconds(pause), limit!.Until);
        Assert.Equal(resetIn is not null, limit.Primary);
    }

    [Theory]
    [InlineData(403, "Resource not accessible by integration")]
    [InlineData(404, "You have exceeded a secondary rate limit.")]
    [InlineData(500, "rate limit")]
    [InlineData(200, "rate limit")]
    public void OtherAnswersAreNoLimit(int status, string body)
    {
        using var answer = Answer(status, null, null);
        answer.Headers.Add("x-ratelimit-remaining", "4000");

        Assert.Null(LimitAnswer.Read(answer, body, 0, Now));
    }

    [Fact]
    public void ADateToRetryAfterIsReadToo()
    {
        using var answer = Answer(403, null, null);
        answer.Headers.RetryAfter = new RetryConditionHeaderValue(Now.AddMinutes(2));

        Assert.Equal(Now.AddMinutes(2), LimitAnswer.Read(answer, "", 0, Now)!.Until);
    }

    [Theory]
    [InlineData("retry-after", "99999999999", 3600)]
    [InlineData("retry-after", "2147483647", 3600)]
    [InlineData("retry-after", "-5", 60)]
    [InlineData("retry-after", "soon", 60)]
    [InlineData("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT", 3600)]
    [InlineData("retry-after", "Thu, 01 Jan 1970 00:00:00 GMT", 1)]
    [InlineData("x-ratelimit-reset", "99999999999", 3600)]
    [InlineData("x-ratelimit-reset", "9223372036854775807", 3600)]
    [InlineData("x-ratelimit-reset", "99999999999999999999", 60)]
    [InlineData("x-ratelimit-reset", "-1", 60)]
    [InlineData("x-ratelimit-reset", "", 60)]
    [InlineData("x-ratelimit-reset", "0", 1)]
    public void WhatMakesNoSenseIsBoundedOrNotBelieved(string header, string value, int pause)
    {
        using var answer = Answer(429, null, null);
        answer.Headers.Add("x-ratelimit-remaining", "0");
        answer.Headers.TryAddWithoutValidation(header, value);

        Assert.Equal(Now.AddSeconds(pause), LimitAnswer.Read(answer, "", 0, Now)!.Until);
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(30)]
    public void TimesAreThoseOfTheClockThatToldThem(int minutesAhead)
    {
        using var answer = Answer(403, null, 600);
        answer.Headers.Date = Now;

        Assert.Equal(
            Now.AddMinutes(minutesAhead).AddSeconds(601),
            LimitAnswer.Read(answer, "", 0, Now.AddMinutes(minutesAhead))!.Until);
    }

    private static HttpResponseMessage Answer(int status, string? retryAfter, int? resetIn)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status);
        if (retryAfter is not null)
            answer.Headers.Add("retry-after", retryAfter);
        if (resetIn is { } seconds)
        {
            answer.Headers.Add("x-ratelimit-remaining", "0");
            answer.Headers.Add("x-ratelimit-reset", $"{Now.AddSeconds(seconds).ToUnixTimeSeconds()}");
        }
        return answer;
    }
}
