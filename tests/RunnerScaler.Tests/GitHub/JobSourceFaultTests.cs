using System.Net;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>What goes wrong is told, and nothing known is lowered by it.</summary>
public sealed class JobSourceFaultTests
{
    private readonly GitHubRig bench = new();

    public JobSourceFaultTests()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        GitHub.AddRun("lib", 2, "queued", new FakeJob(21, "queued"));
    }

    public static TheoryData<string, string> BadAnswers => new()
    {
        { "html", nameof(ProblemReason.Unreachable) },
        { "502", nameof(ProblemReason.Unreachable) },
        { "lost", nameof(ProblemReason.Unreachable) },
        { "broken", nameof(ProblemReason.Unreachable) },
        { "empty", nameof(ProblemReason.Unreachable) },
        { "no list", nameof(ProblemReason.Unreachable) },
        { "none of some", nameof(ProblemReason.Unreachable) },
        { "403", nameof(ProblemReason.PermissionMissing) },
        { "422", nameof(ProblemReason.Unreachable) },
        { "409", nameof(ProblemReason.Unreachable) },
    };

    private FakeGitHub GitHub => bench.GitHub;

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task ABadAnswerLeavesTheRepositoryUnreadAndOthersRead(string kind, string reason)
    {
        GitHub.Intercept = (_, path) =>
            path.StartsWith("/repos/acme/app/actions/runs?", StringComparison.Ordinal) ? Bad(kind) : null;

        var seen = await bench.ReadAsync();

        var unread = Assert.Single(seen.OfType<JobObservation.RepositoryUnread>());
        Assert.Equal(GitHubRig.Repository("app"), unread.Repository);
        Assert.Equal(Enum.Parse<ProblemReason>(reason), unread.Problem.Reason);
        var read = Assert.Single(seen.OfType<JobObservation.RepositoryRead>());
        Assert.Equal((GitHubRig.Repository("lib"), null), (read.Repository, read.Unread));
        Assert.DoesNotContain(seen, o => o is JobObservation.AccountUnread);
    }

    [Fact]
    public async Task AfterAFailureTheNextReadingIsWhole()
    {
        GitHub.AddRun("app", 3, "in_progress", new FakeJob(31, "in_progress"));
        await bench.ReadAsync();
        GitHub.Intercept = (_, path) => path.Contains("/runs/1/jobs", StringComparison.Ordinal) ? Bad("502") : null;
        Assert.NotNull(App(await bench.ReadAfterAsync(4)).Unread);
        GitHub.Intercept = (_, _) => null;

        var app = App(await bench.ReadAfterAsync(61));

        Assert.Null(app.Unread);
        Assert.Equal([11L, 31L], app.Jobs.Select(j => j.Id));
    }

    [Fact]
    public async Task AFailingRepositoryIsTriedEverMoreRarely()
    {
        GitHub.Intercept = (_, path) => path.Contains("/acme/app/", StringComparison.Ordinal) ? Bad("403") : null;
        for (var i = 0; i < 200; i++)
            await bench.ReadAfterAsync(4);

        Assert.InRange(GitHub.Count("/acme/app/"), 5, 12);
    }

    [Theory]
    [InlineData(403, "retry-after", 45, nameof(ProblemReason.RateLimited))]
    [InlineData(429, "retry-after", 45, nameof(ProblemReason.RateLimited))]
    [InlineData(403, "reset", 601, nameof(ProblemReason.ReadingPaused))]
    [InlineData(429, "nothing", 60, nameof(ProblemReason.RateLimited))]
    public async Task ALimitStopsTheAccountAndLowersNothing(int status, string header, int pause, string reason)
    {
        await bench.ReadAsync();
        bench.Time.Advance(TimeSpan.FromSeconds(4));
        GitHub.Intercept = (_, _) => Limited(status, header);
        var now = bench.Time.GetUtcNow();
        GitHub.Requests.Clear();

        var seen = await bench.ReadAsync();

        var unread = Assert.IsType<JobObservation.AccountUnread>(Assert.Single(seen));
        Assert.Equal(
            (Enum.Parse<ProblemReason>(reason), now.AddSeconds(pause)), (unread.Problem.Reason, unread.Problem.Until));
        Assert.InRange(GitHub.Requests.Count, 1, 2);
        GitHub.Intercept = (_, _) => throw new InvalidOperationException("nothing may be sent");
        Assert.IsType<JobObservation.AccountUnread>(Assert.Single(await bench.ReadAfterAsync(31)));

        GitHub.Intercept = (_, _) => null;
        var after = await bench.ReadAfterAsync(pause + 30);
        Assert.Equal(2, after.OfType<JobObservation.RepositoryRead>().Count());
        Assert.IsType<JobObservation.AccountRead>(
            after.Last(o => o is JobObservation.AccountRead or JobObservation.AccountUnread));
    }

    [Theory]
    [InlineData(401, nameof(ProblemReason.CredentialsRefused), "put a valid one into the Secret")]
    [InlineData(403, nameof(ProblemReason.PermissionMissing), "'repo' and 'admin:org'")]
    [InlineData(404, nameof(ProblemReason.ScopeNotFound), "check the url")]
    [InlineData(422, nameof(ProblemReason.Unreachable), "the repositories of 'acme'")]
    [InlineData(502, nameof(ProblemReason.Unreachable), "the repositories of 'acme'")]
    public async Task AnOwnerThatCannotBeListedIsToldWithItsReason(int status, string reason, string said)
    {
        GitHub.Intercept = (_, path) => path.StartsWith("/orgs/acme/repos", StringComparison.Ordinal)
            ? FakeGitHub.Refusal((HttpStatusCode)status)
            : null;

        var seen = await bench.ReadAsync();

        var unread = Assert.IsType<JobObservation.AccountUnread>(Assert.Single(seen));
        Assert.Equal(("acme", Enum.Parse<ProblemReason>(reason)), (unread.Owner, unread.Problem.Reason));
        Assert.Contains(said, unread.Problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ghp_", unread.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AListThatFailsOnceDropsNoRepository()
    {
        await bench.ReadAsync();
        GitHub.Intercept = (_, path) =>
            path.StartsWith("/orgs/acme/repos", StringComparison.Ordinal) ? Bad("502") : null;

        var seen = await bench.ReadAfterAsync(61);

        Assert.Equal(2, seen.OfType<JobObservation.RepositoryRead>().Count());
        Assert.Equal(2, Assert.IsType<JobObservation.AccountRead>(seen[0]).Repositories.Length);
        Assert.DoesNotContain(seen, o => o is JobObservation.AccountUnread);
    }

    [Fact]
    public async Task AnEmptyListIsBelievedTheSecondTime()
    {
        await bench.ReadAsync();
        GitHub.Repositories.Clear();

        var first = Assert.IsType<JobObservation.AccountRead>((await bench.ReadAfterAsync(61))[0]);
        var second = Assert.IsType<JobObservation.AccountRead>((await bench.ReadAfterAsync(11))[0]);

        Assert.Equal(2, first.Repositories.Length);
        Assert.Empty(second.Repositories);
    }

    [Fact]
    public async Task WhenNoRepositoryCanBeReadTheOwnerIsUnread()
    {
        GitHub.Intercept = (_, path) => path.StartsWith("/repos/", StringComparison.Ordinal) ? Bad("403") : null;

        var seen = await bench.ReadAsync();

        Assert.Equal(2, seen.OfType<JobObservation.RepositoryUnread>().Count());
        var unread = Assert.IsType<JobObservation.AccountUnread>(seen[^1]);
        Assert.Equal(("acme", ProblemReason.PermissionMissing), (unread.Owner, unread.Problem.Reason));
    }

    [Fact]
    public async Task WithoutACredentialTheAccountIsUnread()
    {
        bench.Secrets.Set(("tokn", "x"));

        var unread = Assert.IsType<JobObservation.AccountUnread>(Assert.Single(await bench.ReadAsync()));

        Assert.Equal((null, ProblemReason.CredentialsInvalid), (unread.Owner, unread.Problem.Reason));
        Assert.InRange(bench.Wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Empty(GitHub.Requests);
    }

    [Fact]
    public async Task OnlyCancellationThrows()
    {
        using var stop = new CancellationTokenSource();
        GitHub.Intercept = (_, _) =>
        {
            stop.Cancel();
            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bench.Source.ReadAsync(
            GitHubRig.Account,
            [GitHubRig.Scope("https://github.com/acme")],
            _ => { },
            stop.Token));
    }

    private static JobObservation.RepositoryRead App(JobObservation[] seen) => Assert.Single(
        seen.OfType<JobObservation.RepositoryRead>(), r => r.Repository == GitHubRig.Repository("app"));

    private static HttpResponseMessage Bad(string kind) => kind switch
    {
        "html" => FakeGitHub.Html(),
        "409" or "422" or "502" => FakeGitHub.Refusal(Enum.Parse<HttpStatusCode>(kind)),
        "403" => FakeGitHub.Refusal(HttpStatusCode.Forbidden, "Resource not accessible"),
        "lost" => throw new HttpRequestException("reset"),
        "broken" => new HttpResponseMessage
        {
            Content = new StringContent("{\"total_count\":", null, "application/json"),
        },
        "empty" => new HttpResponseMessage { Content = new StringContent("", null, "application/json") },
        "none of some" => FakeGitHub.Json(new { total_count = 3, workflow_runs = Array.Empty<object>() }),
        _ => FakeGitHub.Json(new { total_count = 0 }),
    };

    private static HttpResponseMessage Limited(int status, string header)
    {
        var answer = FakeGitHub.Refusal((HttpStatusCode)status, "rate limit");
        if (header == "retry-after")
            answer.Headers.Add("retry-after", "45");
        if (header == "reset")
        {
            answer.Headers.Add("x-ratelimit-remaining", "0");
            answer.Headers.Add("x-ratelimit-reset", $"{FakeGitHub.Start.AddSeconds(604).ToUnixTimeSeconds()}");
        }
        return answer;
    }
}
