using System.Net;
using RunnerScaler.Scaling.Jobs;

namespace RunnerScaler.Tests.GitHub;

/// <summary>What cannot be read is kept as it was known, put off alone, and named; all else is read.</summary>
public sealed class JobSourcePartTests
{
    private readonly GitHubRig bench = new();

    private FakeGitHub GitHub => bench.GitHub;

    [Theory]
    [InlineData("502")]
    [InlineData("404")]
    [InlineData("403")]
    [InlineData("422")]
    [InlineData("broken")]
    [InlineData("none")]
    [InlineData("lost")]
    public async Task ARunThatCannotBeReadStopsNoOther(string kind)
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        Assert.Equal([11L], Jobs(await bench.ReadAsync()));
        GitHub.Intercept = (_, path) => path.Contains("/runs/1/jobs", StringComparison.Ordinal) ? Bad(kind) : null;

        for (var i = 0; i < 50; i++)
        {
            var run = GitHub.AddRun("app", 100 + i, "queued", new FakeJob(1000 + i, "queued"));
            var app = App(await bench.ReadAfterAsync(4));
            Assert.Equal([11L, 1000L + i], app.Jobs.Select(j => j.Id));
            Assert.Contains("run 1 of 'acme/app'", app.Unread!.Message, StringComparison.Ordinal);
            Assert.InRange(app.Unread.Message.Length, 20, 500);
            run.Status = "completed";
            run.Jobs.Clear();
            GitHub.Runs.Remove(run.Id);
        }

        Assert.InRange(GitHub.Count("/runs/1/jobs"), 3, 16);
        GitHub.Intercept = (_, _) => null;
        var after = App(await bench.ReadAfterAsync(301));
        Assert.Null(after.Unread);
        Assert.Equal([11L], Jobs([after]));
    }

    [Fact]
    public async Task ARunThatWasNeverReadIsNamed()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        GitHub.AddRun("app", 2, "queued", new FakeJob(21, "queued"));
        GitHub.AddRun("app", 3, "queued", new FakeJob(31, "queued"));
        GitHub.Intercept = (_, path) => path.Contains("/runs/1/jobs", StringComparison.Ordinal)
            || path.Contains("/runs/2/jobs", StringComparison.Ordinal)
                ? Bad("502")
                : null;

        var app = App(await bench.ReadAsync());

        Assert.Equal([31L], app.Jobs.Select(j => j.Id));
        Assert.Contains("run 1 of 'acme/app'", app.Unread!.Message, StringComparison.Ordinal);
        Assert.Contains("and 1 more", app.Unread.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/runs/1/jobs", "jobs of run 1")]
    [InlineData("/runs?status=queued", "queued runs")]
    public async Task ASmallerPageIsTried(string part, string what)
    {
        GitHub.AddRun("app", 1, "queued", [.. Enumerable.Range(1, 60).Select(i => new FakeJob(i, "queued"))]);
        for (var i = 2; i < 40; i++)
            GitHub.AddRun("app", i, "queued", new FakeJob(100 + i, "queued"));
        GitHub.Intercept = (_, path) =>
            path.Contains(part, StringComparison.Ordinal) && path.Contains("per_page=100", StringComparison.Ordinal)
                ? Bad("502")
                : null;

        var app = App(await bench.ReadAsync());

        Assert.Equal((98, null), (app.Jobs.Length, app.Unread));
        Assert.NotEmpty(what);
    }

    [Fact]
    public async Task OnePageOfManyHidesNoOther()
    {
        var run = GitHub.AddRun(
            "app", 1, "queued", [.. Enumerable.Range(1, 250).Select(i => new FakeJob(i, "queued"))]);
        Assert.Equal(250, App(await bench.ReadAsync()).Jobs.Length);
        run.Jobs[0] = new FakeJob(1, "in_progress") { Runner = "linux-0" };
        run.UpdatedAt += TimeSpan.FromSeconds(1);
        GitHub.Intercept = (_, path) =>
            path.Contains("/runs/1/jobs", StringComparison.Ordinal)
            && path.Contains("&page=", StringComparison.Ordinal)
                ? Bad("502")
                : null;

        var app = App(await bench.ReadAfterAsync(4));

        Assert.Equal(250, app.Jobs.Length);
        Assert.Equal(JobState.Running, app.Jobs.Single(j => j.Id == 1).State);
        Assert.NotNull(app.Unread);
    }

    [Theory]
    [InlineData("runs?status=in_progress")]
    [InlineData("runs?status=queued")]
    [InlineData("runs?status=waiting")]
    [InlineData("runs?exclude_pull_requests")]
    public async Task OneListOfManyHidesNoOther(string list)
    {
        GitHub.AddRun("app", 1, "in_progress", new FakeJob(11, "in_progress"));
        GitHub.AddRun("app", 2, "queued", new FakeJob(21, "queued"));
        await bench.ReadAsync();
        GitHub.Intercept = (_, path) => path.Contains(list, StringComparison.Ordinal) ? Bad("502") : null;

        for (var i = 0; i < 20; i++)
        {
            GitHub.AddRun("app", 100 + i, "queued", new FakeJob(1000 + i, "queued"));
            var app = App(await bench.ReadAfterAsync(4));
            Assert.Contains(1000L + i, app.Jobs.Select(j => j.Id));
            Assert.Contains(11L, app.Jobs.Select(j => j.Id));
            Assert.Contains(21L, app.Jobs.Select(j => j.Id));
        }
        GitHub.Intercept = (_, _) => null;
        Assert.Null(App(await bench.ReadAfterAsync(61)).Unread);
    }

    [Theory]
    [InlineData("waiting")]
    [InlineData("pending")]
    [InlineData("requested")]
    [InlineData("action_required")]
    [InlineData("something_new")]
    [InlineData(null)]
    public async Task ARunIsSeenAtOnceWhateverItsStatus(string? status)
    {
        GitHub.AddRun("app", 1, "completed");
        await bench.ReadAsync();
        await bench.ReadAfterAsync(9);
        GitHub.AddRun("app", 2, status!, new FakeJob(21, "waiting"), new FakeJob(22, "queued"));

        Assert.Contains(App(await bench.ReadAfterAsync(9)).Jobs, j => j is { Id: 22, State: JobState.Queued });

        GitHub.AddRun("app", 3, status!, [.. Enumerable.Range(31, 3).Select(i => new FakeJob(i, "queued"))]);
        Assert.Contains(App(await bench.ReadAfterAsync(4)).Jobs, j => j is { Id: 33, State: JobState.Queued });
    }

    [Fact]
    public async Task ARunIsSeenThoughManyNewerOnesCame()
    {
        GitHub.AddRun("app", 1, "completed");
        await bench.ReadAsync();
        GitHub.AddRun("app", 2, "waiting", new FakeJob(21, "waiting"), new FakeJob(22, "queued"));
        for (var i = 3; i < 60; i++)
            GitHub.AddRun("app", i, i % 2 == 0 ? "completed" : "pending", new FakeJob(1000 + i, "completed"));

        Assert.Contains(App(await bench.ReadAfterAsync(9)).Jobs, j => j is { Id: 22, State: JobState.Queued });
    }

    [Fact]
    public async Task AnApprovedJobOfARunThatWaitsIsSeenAtOnce()
    {
        var run = GitHub.AddRun("app", 1, "waiting", new FakeJob(11, "waiting"), new FakeJob(12, "waiting"));
        for (var i = 2; i < 20; i++)
            GitHub.AddRun("app", i, "completed");
        await bench.ReadAsync();
        await bench.ReadAfterAsync(20);
        run.Jobs[1] = new FakeJob(12, "queued");
        run.UpdatedAt = bench.Time.GetUtcNow();

        Assert.Contains(App(await bench.ReadAfterAsync(9)).Jobs, j => j is { Id: 12, State: JobState.Queued });
    }

    [Fact]
    public async Task AJobOfUnknownStatusIsQueuedAndTold()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, null), new FakeJob(12, "a_new_word"));
        GitHub.AddRun("app", 2, "queued", new FakeJob(21, "queued") { Conclusion = "a_new_end" });

        var app = App(await bench.ReadAsync());

        Assert.Equal([11L, 12L, 21L], app.Jobs.Where(j => j.State == JobState.Queued).Select(j => j.Id));
        Assert.Equal(2, bench.Metrics.Unknown.Count(w => w == "job status"));
        Assert.Contains("conclusion", bench.Metrics.Unknown);
    }

    [Fact]
    public async Task OddEntriesHideNoOthers()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        GitHub.Intercept = (_, path) => path.Contains("/runs/1/jobs", StringComparison.Ordinal)
            ? FakeGitHub.Text("""
                {"total_count":6,"jobs":[
                  {"id":9007199254740993,"status":"queued","labels":null,"name":null,"created_at":"yesterday"},
                  {"id":-4,"status":"queued","labels":["a",null,7,"\\ud800"],"runner_name":{}},
                  {"id":"12","status":7,"run_attempt":"x"},
                  {"id":1e300,"status":"queued"}, "a job", null]}
                """)
            : null;

        var app = App(await bench.ReadAsync());

        Assert.Equal([-4L, 12L, 9007199254740993L], app.Jobs.Select(j => j.Id));
        Assert.All(app.Jobs, j => Assert.Equal(JobState.Queued, j.State));
        Assert.Contains("3 of 6", app.Unread!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 0, 2)]
    [InlineData(6, 1, 2)]
    [InlineData(1, 1, 1)]
    public async Task AListThatShowsFewerThanItCountsDropsNone(int total, int shown, int kept)
    {
        bench.UseApp();
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        GitHub.AddRun("lib", 2, "queued", new FakeJob(21, "queued"));
        GitHub.Intercept = (_, path) => Tokens(path);
        await bench.ReadAsync();
        GitHub.Intercept = (_, path) => path.StartsWith("/installation/repositories", StringComparison.Ordinal)
            ? FakeGitHub.Json(new
            {
                total_count = total,
                repositories = GitHub.Repositories.Take(shown).Select(r => r.ToJson()).ToArray(),
            })
            : Tokens(path);

        for (var i = 0; i < 5; i++)
            await bench.ReadAfterAsync(61);
        var seen = await bench.ReadAfterAsync(61);

        Assert.Equal(kept, seen.OfType<JobObservation.RepositoryRead>().Count());
        Assert.Equal(kept, seen.OfType<JobObservation.AccountRead>().Last().Repositories.Length);
    }

    private static HttpResponseMessage? Tokens(string path) =>
        path.EndsWith("/installation", StringComparison.Ordinal) ? FakeGitHub.Json(new { id = 5 })
        : path.EndsWith("/access_tokens", StringComparison.Ordinal)
            ? FakeGitHub.Json(
                new { token = "ghs_x", expires_at = FakeGitHub.Start.AddDays(1) }, HttpStatusCode.Created)
            : null;

    private static JobObservation.RepositoryRead App(JobObservation[] seen) => Assert.Single(
        seen.OfType<JobObservation.RepositoryRead>(), r => r.Repository == GitHubRig.Repository("app"));

    private static IEnumerable<long> Jobs(JobObservation[] seen) => App(seen).Jobs.Select(j => j.Id);

    private static HttpResponseMessage Bad(string kind) => kind switch
    {
        "lost" => throw new HttpRequestException("reset"),
        "broken" => FakeGitHub.Text("{\"total_count\":"),
        "none" => FakeGitHub.Json(new { total_count = 3, jobs = Array.Empty<object>() }),
        _ => FakeGitHub.Refusal(Enum.Parse<HttpStatusCode>(kind), "no"),
    };
}
