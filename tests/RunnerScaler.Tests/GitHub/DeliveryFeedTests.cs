using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub;
using RunnerScaler.Scaling.Jobs;

namespace RunnerScaler.Tests.GitHub;

/// <summary>The log of an App's deliveries says where to look, and never more than that.</summary>
public sealed class DeliveryFeedTests
{
    private const int Repositories = 20;

    private readonly GitHubRig bench;
    private readonly List<object?> log = [];
    private HttpStatusCode status = HttpStatusCode.OK;
    private long last;

    public DeliveryFeedTests() => bench = Make(TimeSpan.FromSeconds(3));

    [Fact]
    public async Task WhatItTellsOfIsReadAtOnce()
    {
        await BeginAsync();
        bench.GitHub.AddRun("app7", 1, "queued", new FakeJob(11, "queued"));
        Assert.DoesNotContain(11, JobsOf(await bench.ReadAfterAsync(3)));

        Log("queued", 1007);

        Assert.Contains(11, JobsOf(await bench.ReadAfterAsync(3)));
        Assert.Equal([DeliveryResult.Taken], bench.Metrics.Deliveries);
    }

    [Fact]
    public async Task WhatWasThereBeforeIsNoNews()
    {
        for (var i = 0; i < Repositories; i++)
            Log("queued", 1000 + i);
        await BeginAsync();
        bench.GitHub.Requests.Clear();

        for (var i = 0; i < 10; i++)
            await bench.ReadAfterAsync(3);

        Assert.Equal(0, bench.GitHub.Count("/actions/runs?"));
        Assert.Empty(bench.Metrics.Deliveries);
    }

    [Fact]
    public async Task WhatIsTakenOnceIsNotTakenAgain()
    {
        await BeginAsync();
        Log("queued", 1007);
        for (var i = 0; i < 5; i++)
            await bench.ReadAfterAsync(3);
        log.Add(log[0]);

        for (var i = 0; i < 5; i++)
            await bench.ReadAfterAsync(3);

        Assert.Equal([DeliveryResult.Taken], bench.Metrics.Deliveries);
    }

    [Fact]
    public async Task AnEntryThatComesLateIsFoundAmongTheOthers()
    {
        await BeginAsync();
        Log("queued", 1001);
        Log("queued", 1002);
        await bench.ReadAfterAsync(3);
        bench.GitHub.AddRun("app7", 1, "queued", new FakeJob(11, "queued"));
        log.Insert(1, Entry(777, "workflow_job", "queued", 1007));

        Assert.Contains(11, JobsOf(await bench.ReadAfterAsync(3)));
    }

    [Fact]
    public async Task AnAppWithoutAWebhookIsAskedRarelyAndReadAsEver()
    {
        status = HttpStatusCode.NotFound;
        await BeginAsync();
        bench.GitHub.AddRun("app7", 1, "queued", new FakeJob(11, "queued"));

        var seen = new List<long>();
        for (var i = 0; i < 150; i++)
            seen.AddRange(JobsOf(await bench.ReadAfterAsync(10)));

        Assert.Contains(11, seen);
        Assert.Equal(1, bench.GitHub.Count("/app/hook/deliveries"));
        Assert.Equal([DeliveryResult.NoWebhook], bench.Metrics.Deliveries);

        status = HttpStatusCode.OK;
        for (var i = 0; i < 60; i++)
            await bench.ReadAfterAsync(10);
        Assert.InRange(bench.GitHub.Count("/app/hook/deliveries"), 2, 60);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task ALogThatCannotBeReadIsAskedLessAndLess(HttpStatusCode refusal)
    {
        await BeginAsync();
        (status, var before) = (refusal, bench.GitHub.Count("/app/hook/deliveries"));
        for (var i = 0; i < 100; i++)
            await bench.ReadAfterAsync(3);
        Assert.InRange(bench.GitHub.Count("/app/hook/deliveries") - before, 5, 20);

        status = HttpStatusCode.OK;
        Log("queued", 1007);
        for (var i = 0; i < 25; i++)
            await bench.ReadAfterAsync(3);

        Assert.Equal(DeliveryResult.Taken, bench.Metrics.Deliveries.Last());
        Assert.All(bench.Metrics.Deliveries.SkipLast(1), r => Assert.Equal(DeliveryResult.Unread, r));
    }

    [Fact]
    public async Task ABurstIsReadWithinBounds()
    {
        await BeginAsync();
        for (var i = 0; i < 1000; i++)
            Log("queued", 1000 + (i % Repositories));
        bench.GitHub.Requests.Clear();

        await bench.ReadAfterAsync(3);
        Assert.Equal(6, bench.GitHub.Count("/app/hook/deliveries"));
        await bench.ReadAfterAsync(3);

        Assert.Equal(7, bench.GitHub.Count("/app/hook/deliveries"));
        Assert.Equal(300, bench.Metrics.Deliveries.Count(r => r == DeliveryResult.Taken));
        Assert.Single(bench.Metrics.Deliveries, DeliveryResult.Skipped);
    }

    [Fact]
    public async Task OddEntriesHideNoOthers()
    {
        await BeginAsync();
        log.AddRange(
        [
            null, "entry", 7, Array.Empty<int>(), new { id = "none", @event = "workflow_job" },
            Entry(-1, "workflow_job", "queued", null), Entry(long.MaxValue, null, null, -5),
            new { id = 9, @event = 7, action = new { }, repository_id = 1e300 },
            new { id = 10, @event = "workflow_job", action = "queued", repository_id = "1007" },
        ]);

        await bench.ReadAfterAsync(3);

        Assert.Single(bench.Metrics.Deliveries, DeliveryResult.Taken);
        Assert.All(
            bench.Metrics.Deliveries.Where(r => r != DeliveryResult.Taken),
            r => Assert.True(r is DeliveryResult.NoNews or DeliveryResult.UnknownRepository));
    }

    [Theory]
    [InlineData("workflow_job", "waiting", 1007, DeliveryResult.NoNews)]
    [InlineData("workflow_job", "in_progress", 1007, DeliveryResult.NoNews)]
    [InlineData("workflow_job", "completed", 1007, DeliveryResult.NoNews)]
    [InlineData("workflow_job", null, 1007, DeliveryResult.NoNews)]
    [InlineData("push", null, 1007, DeliveryResult.NoNews)]
    [InlineData("workflow_job", "queued", 5, DeliveryResult.UnknownRepository)]
    internal async Task WhatTellsOfNoJobOfOursCostsNothing(
        string name, string? action, long repository, DeliveryResult result)
    {
        await BeginAsync();
        log.Insert(0, Entry(99, name, action, repository));
        bench.GitHub.Requests.Clear();

        await bench.ReadAfterAsync(3);

        Assert.Equal([result], bench.Metrics.Deliveries);
        Assert.Equal(0, bench.GitHub.Count("/actions/runs?"));
    }

    [Fact]
    public async Task ARepositoryThatIsNamedIsKnownByItsRuns()
    {
        var scope = GitHubRig.Scope("https://github.com/acme/app7");
        var before = bench.GitHub.Intercept;
        bench.GitHub.Intercept = (request, path) => path.StartsWith(
            "/repos/acme/app7/actions/runs?exclude", StringComparison.Ordinal)
                ? FakeGitHub.Json(new
                {
                    total_count = 1,
                    workflow_runs = new[] { new { id = 1, status = "completed", repository = new { id = 1007 } } },
                })
                : before(request, path);
        await bench.ReadAsync(scope);
        bench.Time.Advance(TimeSpan.FromSeconds(3));
        await bench.ReadAsync(scope);
        Log("queued", 1007);
        bench.Time.Advance(TimeSpan.FromSeconds(3));
        bench.GitHub.Requests.Clear();

        await bench.ReadAsync(scope);

        Assert.Equal([DeliveryResult.Taken], bench.Metrics.Deliveries);
        Assert.InRange(bench.GitHub.Count("/app7/actions/runs?"), 1, 2);
    }

    [Fact]
    public async Task ItCanBeSwitchedOff()
    {
        var off = Make(TimeSpan.Zero);
        for (var i = 0; i < 10; i++)
            await off.ReadAfterAsync(3);

        Assert.Equal(0, off.GitHub.Count("/app/hook/deliveries"));
    }

    [Fact]
    public async Task ATokenHasNoLog()
    {
        bench.Secrets.Set(("token", "ghp_secret"));
        for (var i = 0; i < 10; i++)
            await bench.ReadAfterAsync(3);

        Assert.Equal(0, bench.GitHub.Count("/app/hook/deliveries"));
    }

    private GitHubRig Make(TimeSpan period)
    {
        var made = new GitHubRig(new GitHubOptions
        {
            ReadRetries = 0,
            DeliveriesPeriod = period,
            ColdPeriod = TimeSpan.FromMinutes(10),
            ColdMinimum = TimeSpan.FromMinutes(10),
            DiscoveryPeriod = TimeSpan.FromHours(1),
            MinuteLimit = 100_000,
        });
        made.UseApp();
        for (var i = 0; i < Repositories; i++)
            made.GitHub.Repositories.Add(new FakeRepository($"app{i}") { Id = 1000 + i });
        made.GitHub.Intercept = (_, path) => Answer(made, path);
        return made;
    }

    /// <summary>Until all repositories have been read, and the log more than once.</summary>
    private async Task BeginAsync()
    {
        for (var i = 0; i < Repositories; i++)
            await bench.ReadAfterAsync(3);
    }

    private void Log(string action, long repository) =>
        log.Insert(0, Entry(1000 + ++last, "workflow_job", action, repository));

    private static object Entry(long id, string? name, string? action, long? repository) => new
    {
        id,
        guid = $"{id}",
        delivered_at = FakeGitHub.Start,
        @event = name,
        action,
        installation_id = 5,
        repository_id = repository,
    };

    private HttpResponseMessage? Answer(GitHubRig asked, string path)
    {
        if (path.EndsWith("/installation", StringComparison.Ordinal))
            return FakeGitHub.Json(new { id = 5 });
        if (path.EndsWith("/access_tokens", StringComparison.Ordinal))
            return FakeGitHub.Json(
                new { token = "ghs_x", expires_at = asked.Time.GetUtcNow().AddHours(1) }, HttpStatusCode.Created);
        if (!path.StartsWith("/app/hook/deliveries?", StringComparison.Ordinal))
            return null;
        return status == HttpStatusCode.OK ? Page(path) : FakeGitHub.Refusal(status);
    }

    private HttpResponseMessage Page(string path)
    {
        var query = System.Web.HttpUtility.ParseQueryString(path[path.IndexOf('?', StringComparison.Ordinal)..]);
        var (size, from) = (int.Parse(query["per_page"]!, null), int.Parse(query["cursor"] ?? "0", null));
        var answer = FakeGitHub.Json(log.Skip(from).Take(size).ToArray());
        if (from + size < log.Count)
            answer.Headers.TryAddWithoutValidation(
                "Link",
                $"<https://api.github.com/app/hook/deliveries?per_page={size}&cursor={from + size}>; rel=\"next\"");
        return answer;
    }

    private static IEnumerable<long> JobsOf(JobObservation[] seen) =>
        seen.OfType<JobObservation.RepositoryRead>().SelectMany(r => r.Jobs).Select(j => j.Id);
}
