using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>Reading the queue and registering runners have limits of their own.</summary>
public sealed class TwoLimitsTests
{
    private const string Jit = "c2VjcmV0";

    private readonly GitHubRig bench = new();
    private int remaining = 4000;
    private int registered;

    public TwoLimitsTests()
    {
        bench.GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        bench.GitHub.Intercept = Answer;
    }

    private static RegistrationTarget Organization => new(GitHubRig.Account, "acme", null);

    private static DateTimeOffset Reset => FakeGitHub.Start.AddMinutes(30);

    /// <summary>The resource that registrations are counted under, and how many are left of it.</summary>
    private (string Name, int Remaining) ForRegistrations { get; set; } = ("core", 4000);

    [Fact]
    public async Task RegistrationsGoOnWhenTheShareForReadingIsUsedUp()
    {
        remaining = 1250;
        await bench.ReadAsync();

        var seen = await bench.ReadAfterAsync(61);

        var unread = seen.OfType<JobObservation.AccountUnread>().Last();
        Assert.Equal((ProblemReason.ReadingPaused, Reset), (unread.Problem.Reason, unread.Problem.Until));
        Assert.Contains("reading goes on at 2026-09-01T08:30:00Z", unread.Problem.Message, StringComparison.Ordinal);
        Assert.IsType<JitResult.Registered>(await RegisterAsync());
        Assert.Equal(1, bench.GitHub.Count("/actions/runner-groups"));
        Assert.True((await bench.Registrar.FindAsync(Organization, "linux-1-abc", null, GitHubRig.Cancel)).Known);
        Assert.Null(await bench.Registrar.ListAsync(Organization, GitHubRig.Cancel));
    }

    [Fact]
    public async Task WhatReadsHaveUsedUpStopsNoRegistrationThatIsCountedElsewhere()
    {
        ForRegistrations = ("actions_runner_registration", 900);
        remaining = 0;
        await bench.ReadAsync();

        Assert.IsType<JitResult.Registered>(await RegisterAsync("acme/app"));
        Assert.IsType<JitResult.Registered>(await RegisterAsync("acme/app"));

        var unread = (await bench.ReadAfterAsync(61)).OfType<JobObservation.AccountUnread>().Last();
        Assert.Equal(ProblemReason.ReadingPaused, unread.Problem.Reason);
    }

    [Fact]
    public async Task WhatRegistrationsHaveUsedUpStopsNoReading()
    {
        ForRegistrations = ("actions_runner_registration", 0);
        Assert.IsType<JitResult.Unavailable>(await RegisterAsync("acme/app"));
        var second = Assert.IsType<JitResult.Unavailable>(await RegisterAsync("acme/app"));

        Assert.Equal((ProblemReason.RateLimited, 1), (second.Problem.Reason, registered));
        Assert.Contains("'actions_runner_registration'", second.Problem.Message, StringComparison.Ordinal);
        Assert.InRange(second.RetryAfter, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(31));
        Assert.Contains(await bench.ReadAsync(), o => o is JobObservation.RepositoryRead);
    }

    [Fact]
    public async Task ARegistrationIsTriedOnceToLearnWhetherItIsCountedWithTheReads()
    {
        ForRegistrations = ("core", 0);
        remaining = 0;
        await bench.ReadAsync();

        Assert.IsType<JitResult.Unavailable>(await RegisterAsync("acme/app"));
        Assert.IsType<JitResult.Unavailable>(await RegisterAsync("acme/app"));

        Assert.Equal(1, registered);
        var unread = (await bench.ReadAfterAsync(61)).OfType<JobObservation.AccountUnread>().Last();
        Assert.Equal(ProblemReason.RateLimited, unread.Problem.Reason);
        (ForRegistrations, remaining) = (("core", 5000), 5000);
        bench.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.IsType<JitResult.Registered>(await RegisterAsync("acme/app"));
    }

    [Fact]
    public async Task ASecondaryLimitPausesAllAsGitHubAsks()
    {
        bench.GitHub.Intercept = (_, _) => Limited("You have exceeded a secondary rate limit.", a =>
            a.Headers.Add("retry-after", "90"));
        await bench.ReadAsync();
        bench.GitHub.Intercept = Answer;

        var refused = Assert.IsType<JitResult.Unavailable>(await RegisterAsync("acme/app"));

        Assert.Equal((ProblemReason.RateLimited, 90), (refused.Problem.Reason, refused.RetryAfter.TotalSeconds));
        Assert.Equal(0, registered);
    }

    [Fact]
    public async Task AResourceThatNobodyKnowsIsNotShownByName()
    {
        ForRegistrations = ("\nevil", 7);

        await RegisterAsync("acme/app");

        Assert.Equal(["other"], bench.Metrics.Budgets.Select(b => b.Resource).Where(r => r != "core").Distinct());
    }

    private static HttpResponseMessage Limited(string said, Action<HttpResponseMessage> with)
    {
        var answer = FakeGitHub.Refusal(HttpStatusCode.Forbidden, said);
        with(answer);
        return answer;
    }

    private static HttpResponseMessage WithQuota(HttpResponseMessage answer, int left, string resource)
    {
        answer.Headers.TryAddWithoutValidation("x-ratelimit-limit", "5000");
        answer.Headers.TryAddWithoutValidation("x-ratelimit-remaining", $"{left}");
        answer.Headers.TryAddWithoutValidation("x-ratelimit-reset", $"{Reset.ToUnixTimeSeconds()}");
        answer.Headers.TryAddWithoutValidation("x-ratelimit-resource", resource);
        return answer;
    }

    private Task<JitResult> RegisterAsync(string at = "acme")
    {
        var repository = at.Contains('/', StringComparison.Ordinal) ? "app" : null;
        var target = new RegistrationTarget(GitHubRig.Account, "acme", repository);
        return bench.Registrar.CreateJitConfigAsync(
            new JitRequest(target, "linux-1-abc", null, LabelSet.Of("self-hosted")), GitHubRig.Cancel);
    }

    private HttpResponseMessage? Answer(HttpRequestMessage request, string path)
    {
        if (path.EndsWith("/generate-jitconfig", StringComparison.Ordinal))
        {
            registered++;
            return ForRegistrations.Remaining > 0
                ? WithQuota(
                    FakeGitHub.Json(new { runner = new { id = 7 }, encoded_jit_config = Jit }, HttpStatusCode.Created),
                    ForRegistrations.Remaining,
                    ForRegistrations.Name)
                : WithQuota(
                    FakeGitHub.Refusal(HttpStatusCode.Forbidden, "API rate limit exceeded for installation ID 1."),
                    0,
                    ForRegistrations.Name);
        }
        if (path.Contains("/actions/runner-groups?", StringComparison.Ordinal))
            return WithQuota(
                FakeGitHub.Json(new
                {
                    total_count = 1,
                    runner_groups = new object[] { new { id = 3, name = "Default", @default = true } },
                }),
                remaining,
                "core");
        if (path.Contains("/actions/runners?", StringComparison.Ordinal))
            return WithQuota(
                FakeGitHub.Json(new { total_count = 0, runners = Array.Empty<object>() }), remaining, "core");
        if (path.StartsWith("/orgs/acme/repos?", StringComparison.Ordinal))
            return WithQuota(
                FakeGitHub.Json(new[] { new { name = "app", owner = new { login = "acme" } } }), remaining, "core");
        return null;
    }
}
