using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Api;

namespace RunnerScaler.Integration.Whole;

/// <summary>What a whole controller tells those who ask why their jobs wait.</summary>
public sealed class ExplainTests
{
    private const string Linux = "/api/v1/pools/ci/linux";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AJobIsExplainedFromTheQueueToItsEnd()
    {
        await using var box = await ControllerBox.OpenAsync(new BoxShape
        {
            Pool = new() { MaxRunners = 1, Standby = 0, Builder = "None", IdleSeconds = 10 },
        });
        await box.StartReadyAsync();
        var token = box.Api.Users.Issue("jane");
        var run = box.Queue(seconds: 4, jobs: 2);
        var ids = box.Organization.JobsOf(run.Id).Select(j => j.Id).ToArray();

        var waiting = "";
        await box.HoldsAsync("one job waits for a slot", () => ids.Any(id =>
            (waiting = TextOf(box, $"/api/v1/jobs/{id}", token)).Contains("PoolFull", StringComparison.Ordinal)));
        Assert.Contains("All 1 slots of pool ci/linux are taken", waiting, StringComparison.Ordinal);
        Assert.Contains("spec.limits.maxRunners", waiting, StringComparison.Ordinal);

        await box.HoldsAsync("all jobs end", () => box.Organization.Statistics().CompletedTotal == 2);
        await box.HoldsAsync("how their runners ended is told", () => ids.All(id =>
            TextOf(box, $"/api/v1/jobs/{id}", token).Contains("RanJob: The runner in", StringComparison.Ordinal)));
        await box.HoldsAsync("both jobs of the run are told as completed", () =>
            StatesOf(box, run.Id, token) is ["Completed", "Completed"]);
    }

    [Fact]
    public async Task OthersNamespacesDoNotExistForAReader()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        var run = box.Queue(1, 1, "linux", "gpu");
        var token = box.Api.Users.Issue("jane");
        await box.HoldsAsync("the job is told to those who may read all", () =>
            TextOf(box, $"/api/v1/runs/{run.Id}", token).Contains("NoPoolMatches", StringComparison.Ordinal));

        box.Access.TakeAway(new LostRight("get", "runnerpools") { User = "joe" });
        var joe = box.Api.Users.Issue("joe");
        foreach (var path in new[] { $"/api/v1/runs/{run.Id}", Linux, "/api/v1/pods/ci/linux-0" })
            Assert.Equal(404, (await AskAsync(box, path, joe)).Code);
        Assert.Empty((await JsonAsync(box, "/api/v1/pools", joe))["pools"]!.AsArray());

        box.Access.TakeAway(new LostRight("get", "runnerpools", "") { User = "ann" });
        Assert.Equal(200, (await AskAsync(box, Linux, box.Api.Users.Issue("ann"))).Code);
        Assert.Equal(401, (await AskAsync(box, Linux, "wrong")).Code);
        Assert.Equal(401, (await AskAsync(box, Linux, null)).Code);
        Assert.True(box.Api.Requests.Total(r =>
            r is { User: ControllerBox.Controller, Resource: "subjectaccessreviews", Verb: "create" }) > 0);
    }

    [Fact]
    public async Task WhatTheControllerMayNotAskIsToldToWhoAsks()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        box.Access.TakeAway(new LostRight("create", "subjectaccessreviews"));
        var (code, body) = await AskAsync(box, Linux, box.Api.Users.Issue("jane"));
        Assert.Equal(503, code);
        Assert.Contains(
            "the verb 'create' on 'subjectaccessreviews'", (string?)JsonNode.Parse(body)!["detail"],
            StringComparison.Ordinal);
    }

    private static string?[] StatesOf(ControllerBox box, long run, string token) =>
    [
        .. JsonAsync(box, $"/api/v1/runs/{run}", token).GetAwaiter().GetResult()["jobs"]!.AsArray()
            .Select(job => (string?)job!["state"]),
    ];

    private static string TextOf(ControllerBox box, string path, string token) =>
        AskAsync(box, path, token, "text/plain").GetAwaiter().GetResult().Body;

    private static async Task<JsonNode> JsonAsync(ControllerBox box, string path, string token)
    {
        var (code, body) = await AskAsync(box, path, token);
        Assert.Equal(200, code);
        return JsonNode.Parse(body)!;
    }

    private static async Task<(int Code, string Body)> AskAsync(
        ControllerBox box, string path, string? token, string accept = "application/json")
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(box.Web, path));
        request.Headers.Accept.ParseAdd(accept);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request, Stop);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }
}
