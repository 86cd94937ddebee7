using System.Net;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Sandbox;

public sealed class RestLimitTests
{
    private const string Runs = "repos/acme/app/actions/runs";
    private const string Jit = "orgs/acme/actions/runners/generate-jitconfig";

    [Fact]
    public async Task AnsweredRequestsUseUpTheBudgetAndUnchangedOnesDoNot()
    {
        await using var box = await RestBox.StartAsync(new RestLimits { CorePerHour = 2 });
        var token = box.Token();
        var first = await box.GetAsync(Runs, token);
        Assert.Equal(("2", "1", "1"), Rate(first));
        var tag = first.Headers.ETag!.Tag;
        Assert.Equal(("2", "1", "1"), Rate(await box.GetAsync(Runs, token, tag)));
        Assert.Equal(("2", "1", "1"), Rate(await box.GetAsync("rate_limit", token)));
        Assert.Equal(("2", "0", "2"), Rate(await box.GetAsync(Runs, box.Token())));

        var refused = await box.GetAsync(Runs, token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(("2", "0", "2"), Rate(refused));
        Assert.Equal($"{RestBox.Start.AddHours(1).ToUnixTimeSeconds()}", Header(refused, "x-ratelimit-reset"));
        box.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(("2", "1", "1"), Rate(await box.GetAsync(Runs, box.Token())));

        Assert.Equal((6, 3, 1), (box.Counts.Requests, box.Counts.Counted, box.Counts.NotModified));
        Assert.Equal(
            [(200, 3, 3), (304, 1, 0), (403, 1, 0)],
            box.Counts.Snapshot()
                .Where(count => count.Route == "GET /repos/{owner}/{repo}/actions/runs")
                .Select(count => (count.Status, count.Requests, count.Counted)));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(429)]
    public async Task TooManyPointsInAMinuteAreRefused(int status)
    {
        await using var box = await RestBox.StartAsync(
            new RestLimits { PointsPerMinute = 6, SecondaryStatus = status });
        var token = box.Token();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await box.SendAsync(HttpMethod.Post, Jit, token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await box.GetAsync(Runs, token)).StatusCode);
        box.Clock.Advance(TimeSpan.FromSeconds(20));
        var refused = await box.GetAsync(Runs, token);
        Assert.Equal(status, (int)refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(40), refused.Headers.RetryAfter!.Delta);
        Assert.NotEqual("0", Header(refused, "x-ratelimit-remaining"));
        box.Clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(HttpStatusCode.OK, (await box.GetAsync(Runs, token)).StatusCode);
    }

    [Fact]
    public async Task TooManyRequestsAtTheSameTimeAreRefused()
    {
        await using var box = await RestBox.StartAsync(new RestLimits { Concurrent = 1 });
        box.Faults.Plan = new FaultPlan { LatencyMin = TimeSpan.FromSeconds(1), LatencyMax = TimeSpan.FromSeconds(1) };
        var token = box.Token();
        Task<HttpResponseMessage>[] both = [box.GetAsync(Runs, token), box.GetAsync(Runs, token)];
        var refused = await await Task.WhenAny(both);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var delayed = Task.WhenAll(both);
        while (!delayed.IsCompleted)
        {
            box.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(delayed, Task.Delay(5, TestContext.Current.CancellationToken));
        }

        Assert.Contains(await delayed, response => response.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task ALostReplyHasTakenEffect()
    {
        await using var box = await RestBox.StartAsync();
        box.Faults.Order(RestFault.LostReply, "generate-jitconfig");
        var group = box.Organization.RunnerGroupsOf("acme").Single().Id;
        var body = new { name = "r1", runner_group_id = group, labels = new[] { "x" } };
        await Assert.ThrowsAsync<HttpRequestException>(() => box.SendAsync(HttpMethod.Post, Jit, box.Token(), body));
        Assert.Equal("r1", Assert.Single(box.Organization.AllRunners()).Name);
        var again = await box.SendAsync(HttpMethod.Post, Jit, box.Token(), body);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal(1, box.Faults.Injected[RestFault.LostReply]);
    }

    [Theory]
    [InlineData(nameof(RestFault.ServerError), 502)]
    [InlineData(nameof(RestFault.Html), 200)]
    [InlineData(nameof(RestFault.Throttled), 429)]
    public async Task AnOrderedFaultHitsTheNextRequestOfItsRoute(string fault, int status)
    {
        await using var box = await RestBox.StartAsync();
        var token = box.Token();
        box.Faults.Order(Enum.Parse<RestFault>(fault), "/actions/runs");
        Assert.Equal(HttpStatusCode.OK, (await box.GetAsync("orgs/acme/repos", token)).StatusCode);
        var hit = await box.GetAsync(Runs, token);
        Assert.Equal(status, (int)hit.StatusCode);
        Assert.Equal("text/html", hit.Content.Headers.ContentType?.MediaType);
        Assert.Equal("application/json", (await box.GetAsync(Runs, token)).Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task OneRepositoryCanFailAlone()
    {
        await using var box = await RestBox.StartAsync();
        var token = box.Token();
        box.Faults.Plan = new FaultPlan { FailingRepositories = ["acme/App"] };
        Assert.Equal(HttpStatusCode.BadGateway, (await box.GetAsync(Runs, token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await box.GetAsync("repos/acme/lib/actions/runs", token)).StatusCode);
        box.Faults.Plan = FaultPlan.None;
        Assert.Equal(HttpStatusCode.OK, (await box.GetAsync(Runs, token)).StatusCode);
    }

    [Fact]
    public async Task FaultsByChanceHitTheirShare()
    {
        await using var box = await RestBox.StartAsync();
        var token = box.Token();
        box.Faults.Plan = new FaultPlan { ServerErrorShare = 0.3 };
        for (var i = 0; i < 200; i++) await box.GetAsync(Runs, token);
        Assert.InRange(box.Faults.Injected[RestFault.ServerError], 40, 80);
    }

    [Fact]
    public async Task FaultsAreSwitchedThroughTheirEndpoint()
    {
        await using var box = await RestBox.StartAsync();
        var plan = new { serverErrorShare = 1, latencyMax = "00:00:00" };
        var accepted = await box.SendAsync(HttpMethod.Post, FaultSwitch.Path, token: null, plan);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, (await box.GetAsync(Runs, box.Token())).StatusCode);
        var misspelt = await box.SendAsync(HttpMethod.Post, FaultSwitch.Path, token: null, new { serverErrors = 1 });
        Assert.Equal(HttpStatusCode.BadRequest, misspelt.StatusCode);
        Assert.Equal(1,
            (await box.JsonAsync(FaultSwitch.Path, token: null)).GetProperty("serverErrorShare").GetDouble());
    }

    private static (string Limit, string Remaining, string Used) Rate(HttpResponseMessage response) => (
        Header(response, "x-ratelimit-limit"),
        Header(response, "x-ratelimit-remaining"),
        Header(response, "x-ratelimit-used"));

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.GetValues(name).Single();
}
