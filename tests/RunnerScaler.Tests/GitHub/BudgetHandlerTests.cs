using System.Net;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.GitHub;
using RunnerScaler.GitHub.Http;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

public sealed class BudgetHandlerTests
{
    private readonly FakeTimeProvider time = new(FakeGitHub.Start);
    private readonly RecordedMetrics metrics = new();
    private readonly RequestBudget budget;
    private readonly RequestPacer pacer;
    private int sent;

    public BudgetHandlerTests()
    {
        var options = new GitHubOptions();
        budget = new RequestBudget(GitHubRig.Account, "the token of Secret runners/github", options, metrics, time);
        pacer = new RequestPacer(options, time);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(429)]
    public async Task NothingIsSentWhileGitHubAsksToPause(int status)
    {
        var pipe = Over(_ => Limited(status, "45"));

        var first = Refusal(await pipe.GetAsync());
        var second = Refusal(await pipe.GetAsync());
        Refusal(await pipe.SendAsync(HttpMethod.Post));

        Assert.Equal(ProblemReason.RateLimited, first.Reason);
        Assert.Equal(FakeGitHub.Start.AddSeconds(45), first.Until);
        Assert.Equal(first.Until, second.Until);
        Assert.Equal(first.Until, budget.PausedUntil);
        Assert.Equal(1, sent);
        time.Advance(TimeSpan.FromSeconds(46));
        Refusal(await pipe.GetAsync());
        Assert.Equal(2, sent);
    }

    [Fact]
    public async Task PausesGrowUntilAnAnswerComes()
    {
        var pauses = new List<double>();
        var limited = true;
        var pipe = Over(_ => limited ? Limited(429, null) : FakeGitHub.Json(new { }));
        for (var i = 0; i < 4; i++)
        {
            limited = i != 2;
            if (limited)
                pauses.Add((Refusal(await pipe.GetAsync()).Until!.Value - time.GetUtcNow()).TotalSeconds);
            else
                await pipe.GetAsync();
            time.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal([60, 120, 60], pauses);
    }

    [Fact]
    public async Task ARefusalForHasteSlowsDownAndSaysSo()
    {
        var pipe = Over(_ => Limited(429, "45"));

        Assert.Contains(
            "At most 435 points a minute are spent now", Refusal(await pipe.GetAsync()).Message,
            StringComparison.Ordinal);

        time.Advance(TimeSpan.FromSeconds(46));
        Assert.Contains("At most 217 points", Refusal(await pipe.GetAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnHourThatIsUsedUpSlowsNothingDown()
    {
        var pipe = Over(_ => WithQuota(FakeGitHub.Refusal(HttpStatusCode.Forbidden, "API rate limit exceeded"), 0));

        Assert.DoesNotContain("a minute", Refusal(await pipe.GetAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(435, pacer.Slower(RequestClass.RunLists));
    }

    [Fact]
    public async Task AMissingPermissionIsNoPause()
    {
        var pipe = Over(_ => WithQuota(
            FakeGitHub.Refusal(HttpStatusCode.Forbidden, "Resource not accessible by integration"), 4000));

        Assert.Equal(HttpStatusCode.Forbidden, (await pipe.GetAsync()).StatusCode);
        Assert.Null(budget.PausedUntil);
    }

    [Fact]
    public async Task ReadsThatCostStopAtTheFloorButFreeOnesAndWritesGoOn()
    {
        var pipe = Over(_ => WithQuota(FakeGitHub.Json(new { }), 1300));
        await pipe.GetAsync();

        var refused = Refusal(await pipe.GetAsync());
        Assert.Equal(FakeGitHub.Start.AddMinutes(30), refused.Until);
        Assert.Equal(1, sent);
        await pipe.SendAsync(HttpMethod.Post);
        Assert.Null(budget.Forbids(new(AskFor.Reading, RequestClass.RunLists, Conditional: true, "GET /x")));
        Assert.Equal(2, sent);

        time.Advance(TimeSpan.FromMinutes(30));
        await pipe.GetAsync();
        Assert.Equal(3, sent);
    }

    [Fact]
    public async Task WithNothingLeftWritesStopTooAndFreeReadsGoOn()
    {
        var pipe = Over(_ => WithQuota(FakeGitHub.Json(new { }), 0));
        await pipe.GetAsync();

        Refusal(await pipe.SendAsync(HttpMethod.Post));
        Assert.Null(budget.Forbids(new(AskFor.Reading, RequestClass.RunLists, Conditional: true, "GET /x")));
        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task WhatIsLeftIsShown()
    {
        await Over(_ => WithQuota(FakeGitHub.Json(new { }), 4321)).GetAsync();

        Assert.Equal([(GitHubRig.Account, "core", 4321, 5000)], metrics.Budgets);
    }

    [Fact]
    public async Task AnotherBucketDoesNotStopReading()
    {
        var pipe = Over(_ => WithQuota(FakeGitHub.Json(new { }), 0, "actions_runner_registration"));
        await pipe.SendAsync(HttpMethod.Post);

        await pipe.GetAsync();
        Refusal(await pipe.SendAsync(HttpMethod.Post));
        Assert.Equal(2, sent);
    }

    private static Problem Refusal(HttpResponseMessage answer) =>
        Assert.IsType<FailedResponse>(answer).Failure.Problem!;

    private static HttpResponseMessage Limited(int status, string? retryAfter)
    {
        var answer = FakeGitHub.Refusal((HttpStatusCode)status, "You have exceeded a secondary rate limit.");
        if (retryAfter is not null)
            answer.Headers.Add("retry-after", retryAfter);
        return answer;
    }

    private static HttpResponseMessage WithQuota(HttpResponseMessage answer, int remaining, string resource = "core")
    {
        answer.Headers.Add("x-ratelimit-limit", "5000");
        answer.Headers.Add("x-ratelimit-remaining", $"{remaining}");
        answer.Headers.Add("x-ratelimit-reset", $"{FakeGitHub.Start.AddMinutes(30).ToUnixTimeSeconds()}");
        answer.Headers.Add("x-ratelimit-resource", resource);
        return answer;
    }

    private Pipe Over(Func<HttpRequestMessage, HttpResponseMessage> script) => new(
        new BudgetHandler(budget, pacer),
        request =>
        {
            sent++;
            return script(request);
        });
}
