using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Explaining;
using RunnerScaler.Tests.Scaling;
using RunnerScaler.Web;

namespace RunnerScaler.Tests.Web;

public sealed class ExplainEndpointTests : IAsyncLifetime
{
    private const string Token = "token";

    private static readonly Knowledge known = Told.Known(
        [Given.Pool(), Given.Pool("b", labels: "gpu") with { Key = new("secret", "b") }],
        [Given.Job() with { RunId = 9 }, Given.Job(2, labels: "gpu"), Given.Job(3, labels: "ubuntu-latest")],
        Told.Ended(5));

    private EndpointHost host = null!;

    public async ValueTask InitializeAsync()
    {
        host = await EndpointHost.StartAsync();
        host.Known = known;
        host.Access = (token, _) => token == Token ? new AccessResult.Known(Told.Ci) : new AccessResult.Rejected();
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("/api/v1/jobs/1", "id")]
    [InlineData("/api/v1/jobs/1?repository=acme/app", "id")]
    [InlineData("/api/v1/jobs/1?repository=https://github.com/Acme/App", "id")]
    [InlineData("/api/v1/runs/9", "jobs")]
    [InlineData("/api/v1/pools", "pools")]
    [InlineData("/api/v1/pools/ci/linux", "conditions")]
    [InlineData("/api/v1/pods/ci/linux-5", "ended")]
    public async Task WhatMayBeReadIsAnsweredInBothForms(string path, string field)
    {
        var (code, type, body) = await GetAsync(path);
        Assert.Equal((HttpStatusCode.OK, "application/json"), (code, type));
        using var json = JsonDocument.Parse(body);
        Assert.True(json.RootElement.TryGetProperty(field, out _), body);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);

        (code, type, body) = await GetAsync(path, accept: "text/plain");
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (code, type));
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheChecksTellOfLabelsThatWereAskedForInVain()
    {
        var asking = Given.Job(labels: "linux gpu");
        host.Known = known with { Unmatched = [.. UnmatchedLabels.Of(Given.Pool(), [asking], Given.Now)] };
        var (code, _, body) = await GetAsync("/api/v1/checks", accept: "text/plain");
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Contains("asked for [gpu, linux], which no pool has", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/jobs/2")]
    [InlineData("/api/v1/jobs/3")]
    [InlineData("/api/v1/jobs/4")]
    [InlineData("/api/v1/runs/2")]
    [InlineData("/api/v1/pools/secret/b")]
    [InlineData("/api/v1/pools/ci/none")]
    [InlineData("/api/v1/pods/secret/b-0")]
    [InlineData("/api/v1/jobs/1?repository=acme/lib")]
    [InlineData("/api/v1/jobs/1?repository=https://evil.example.com/acme/app")]
    public async Task WhatMayNotBeReadIsNotThere(string path)
    {
        var (code, type, body) = await GetAsync(path);
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (code, type));
        using var json = JsonDocument.Parse(body);
        Assert.Equal(404, json.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("Not Found", json.RootElement.GetProperty("title").GetString());
        Assert.EndsWith(".", json.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/jobs/2", "/api/v1/jobs/4")]
    [InlineData("/api/v1/pools/secret/b", "/api/v1/pools/secret/c")]
    public async Task NothingTellsAHiddenObjectFromNone(string hidden, string none)
    {
        static string Plain(string body) => body.Replace("job 4", "job 2").Replace("secret/c", "secret/b");
        Assert.Equal((await GetAsync(hidden)).Body, Plain((await GetAsync(none)).Body));
    }

    [Theory]
    [InlineData("/api/v1/jobs/-1")]
    [InlineData("/api/v1/jobs/0x1")]
    [InlineData("/api/v1/jobs/99999999999999999999")]
    [InlineData("/api/v1/runs/%1b%5b2J")]
    [InlineData("/api/v1/jobs/1?repository=a/b/c")]
    [InlineData("/api/v1/jobs/1?repository=%E2%80%AEx")]
    public async Task WhatCannotBeMeantIsToldSo(string path)
    {
        var (code, _, body) = await GetAsync(path, accept: "text/plain");
        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.Contains("give", body, StringComparison.Ordinal);
        Assert.DoesNotContain(body.TrimEnd(), c => char.IsControl(c) || c == '\u202e');
    }

    [Theory]
    [InlineData(null)]
    [InlineData("other")]
    public async Task WithoutAValidTokenNothingIsTold(string? token)
    {
        host.Known = null;
        foreach (var path in (string[])["/api/v1/pools", "/api/v1/jobs/1", "/api/v1/pools/ci/linux"])
        {
            var (code, _, body) = await GetAsync(path, token);
            Assert.Equal(HttpStatusCode.Unauthorized, code);
            Assert.Contains("token", body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AskedIsForTheNamespacesOfThePools()
    {
        ImmutableArray<string> asked = [];
        host.Access = (_, namespaces) =>
        {
            asked = namespaces;
            return new AccessResult.Unavailable("Nobody knows now.");
        };
        var (code, _, body) = await GetAsync("/api/v1/pools", accept: "text/plain");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Nobody knows now.\n"), (code, body));
        Assert.Equal(["ci", "secret"], asked.Order());
    }

    [Fact]
    public async Task AReplicaThatDoesNotLeadNamesTheOneThatDoes()
    {
        host.Known = null;
        Assert.Contains("does not know who does", (await GetAsync("/api/v1/pools")).Body, StringComparison.Ordinal);
        host.Gate.Saw("runnerscaler-0-1234abcd", null);
        var (code, _, body) = await GetAsync("/api/v1/pools", accept: "text/plain");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains(
            "'runnerscaler-0-1234abcd', which does as far as it knows, has not said where it answers.", body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReplicaThatDoesNotLeadPassesTheQuestionOn()
    {
        await using var follower = await EndpointHost.StartAsync();
        follower.Access = host.Access;
        follower.Gate.Saw("runnerscaler-0-1234abcd", host.Plain);
        foreach (var path in (string[])["/api/v1/jobs/1?repository=acme/app", "/api/v1/jobs/2", "/api/v1/pools"])
            foreach (var accept in (string[])["application/json", "text/plain"])
                Assert.Equal(await GetAsync(path, accept: accept), await GetAsync(path, accept: accept, at: follower));

        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync("/api/v1/pools", "wrong", at: follower)).Code);

        // Each takes the other for the leader: the question ends.
        host.Known = null;
        host.Gate.Saw("runnerscaler-1-1234abcd", follower.Plain);
        var (code, _, body) = await GetAsync("/api/v1/pools", accept: "text/plain", at: follower);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("'runnerscaler-1-1234abcd'", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoLeadsAndDoesNotAnswerIsNamed()
    {
        host.Known = null;
        host.Gate.Saw("runnerscaler-0-1234abcd", new Uri("http://127.0.0.1:1"));
        var (code, _, body) = await GetAsync("/api/v1/pools", accept: "text/plain");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains(
            "'runnerscaler-0-1234abcd', which does as far as it knows, does not answer it.", body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoComesThroughTheApiServerShowsHisTokenInAnotherPlace()
    {
        using var client = EndpointHost.Client();
        client.DefaultRequestHeaders.Add(ApiHeaders.Token, Token);
        using var answer = await client.GetAsync(
            new Uri(host.Plain, "/api/v1/jobs/1"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task OpenMeansOpen()
    {
        await using var open = await EndpointHost.StartAsync(anonymous: true);
        open.Known = known;
        using var client = EndpointHost.Client();
        var body = await client.GetStringAsync(
            new Uri(open.Plain, "/api/v1/jobs/3"), TestContext.Current.CancellationToken);
        Assert.Contains("ubuntu-latest", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    public async Task NothingButReadingIsThere(string method)
    {
        using var client = EndpointHost.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host.Plain, "/api/v1/pools"));
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task ItIsNotThereAtTheDoorOfPods()
    {
        using var client = EndpointHost.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Claims, "/api/v1/pools"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task AFailureIsToldWithoutItsTrace()
    {
        host.Access = (_, _) => throw new InvalidOperationException("inner words");
        var (code, _, body) = await GetAsync("/api/v1/pools");
        Assert.Equal(HttpStatusCode.InternalServerError, code);
        Assert.DoesNotContain("inner words", body, StringComparison.Ordinal);
        Assert.Contains(host.Log.Lines, l => l.Contains("inner words", StringComparison.Ordinal));
    }

    [Fact]
    public void EveryFieldStandsInThePage()
    {
        var page = Page.Read("explain.md");
        Type[] shapes =
        [
            typeof(JobAnswer), typeof(NearestAnswer), typeof(LabelAnswer), typeof(PlaceAnswer), typeof(WaitAnswer),
            typeof(EstimateAnswer), typeof(TroubleAnswer), typeof(EndAnswer), typeof(JobLink), typeof(RunAnswer),
            typeof(PodAnswer), typeof(PoolAnswer), typeof(PoolsAnswer), typeof(PoolLink), typeof(CountsAnswer),
            typeof(QueueAnswer), typeof(ConditionAnswer), typeof(ReasonAnswer), typeof(QueuedAnswer), typeof(PodLink),
            typeof(ProblemBody),
        ];
        var fields = shapes.SelectMany(s => s.GetProperties())
            .Where(p => p.Name != "EqualityContract")
            .Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)).Distinct();
        Assert.All(
            fields.Concat(Enum.GetNames<WaitReason>()),
            word => Assert.Contains($"`{word}`", page, StringComparison.Ordinal));
    }

    private async Task<(HttpStatusCode Code, string? Type, string Body)> GetAsync(
        string path, string? token = Token, string accept = "application/json", EndpointHost? at = null)
    {
        using var client = EndpointHost.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri((at ?? host).Plain, path));
        request.Headers.Accept.ParseAdd(accept);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType,
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
