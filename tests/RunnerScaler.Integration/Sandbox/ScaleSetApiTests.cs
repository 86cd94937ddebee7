using System.Buffers.Text;
using System.Text.Json;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Integration.Sandbox;

/// <summary>The Actions service over HTTP: administration, sessions, messages, runners.</summary>
public sealed class ScaleSetApiTests : IAsyncLifetime
{
    private const string Agents = "_apis/distributedtask/pools/0/agents";

    private ScaleSetBox _box = null!;

    public async ValueTask InitializeAsync() => _box = await ScaleSetBox.StartAsync();

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Fact]
    public async Task AJobGoesFromTheQueueToARunnerOfTheSet()
    {
        var job = _box.Queue();
        var message = await _box.NextAsync();
        var assigned = Assert.Single(ScaleSetBox.Entries(message));
        Assert.Equal("JobAssigned", assigned.GetProperty("messageType").GetString());
        Assert.Equal(0, assigned.GetProperty("runnerRequestId").GetInt64());
        Assert.Equal(job.RunId, assigned.GetProperty("workflowRunId").GetInt64());
        Assert.Equal(
            "acme/app/.github/workflows/ci.yml@refs/heads/main", assigned.GetProperty("jobWorkflowRef").GetString());
        Assert.Equal(1, message.GetProperty("statistics").GetProperty("totalAssignedJobs").GetInt32());
        var id = message.GetProperty("messageId").GetInt64();
        Assert.Equal(204, await _box.AcknowledgeAsync(id));

        var jit = await _box.JsonAsync(
            HttpMethod.Post, _box.Path("generatejitconfig"), new { name = "r1", workFolder = "_work" });
        var runner = jit.GetProperty("runner").GetProperty("id").GetInt64();
        Assert.Equal(_box.SetId, jit.GetProperty("runner").GetProperty("runnerScaleSetId").GetInt64());
        var session = _box.Organization.Connect(jit.GetProperty("encodedJITConfig").GetString()!)!;
        _box.Rest.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(job.Id, _box.Organization.TryTake(session)?.Id);
        var started = Assert.Single(ScaleSetBox.Entries(await _box.NextAsync(id)));
        Assert.Equal("JobStarted", started.GetProperty("messageType").GetString());
        Assert.Equal(
            (runner, "r1"),
            (started.GetProperty("runnerId").GetInt64(), started.GetProperty("runnerName").GetString()));
        Assert.Equal(
            (400, "TaskAgentJobStillRunningException"),
            await _box.RefusedAsync(HttpMethod.Delete, $"{Agents}/{runner}"));

        _box.Organization.Complete(session, JobConclusion.Success);
        var completed = Assert.Single(ScaleSetBox.Entries(await _box.NextAsync(id + 1)));
        Assert.Equal("succeeded", completed.GetProperty("result").GetString());
        Assert.Equal(204, (int)(await _box.AskAsync(HttpMethod.Delete, $"{Agents}/{runner}")).StatusCode);
    }

    [Fact]
    public async Task APollOfAnEmptyQueueIsHeld()
    {
        var began = _box.Rest.Clock.GetUtcNow();
        var answer = await _box.WhileTimePassesAsync(_box.PollAsync());
        Assert.Equal(202, (int)answer.StatusCode);
        Assert.True(_box.Rest.Clock.GetUtcNow() - began >= TimeSpan.FromSeconds(50));
    }

    [Fact]
    public async Task ASetIsFoundChangedAndDeleted()
    {
        var group = _box.Organization.RunnerGroupsOf("acme").Single();
        var groups = await _box.JsonAsync(HttpMethod.Get, "_apis/runtime/runnergroups/?groupName=default");
        Assert.Equal(group.Id, Only(groups).GetProperty("id").GetInt64());
        Assert.True(Only(groups).GetProperty("isDefaultGroup").GetBoolean());
        var search = $"_apis/runtime/runnerscalesets?runnerGroupId={group.Id}&name=Linux";
        var found = Only(await _box.JsonAsync(HttpMethod.Get, search));
        Assert.Equal(_box.SetId, found.GetProperty("id").GetInt64());
        Assert.True(found.GetProperty("runnerSetting").GetProperty("disableUpdate").GetBoolean());

        var labels = new { labels = new[] { Label("a"), Label("b") } };
        var changed = await _box.JsonAsync(HttpMethod.Patch, _box.Path(), labels);
        Assert.Equal("linux", changed.GetProperty("name").GetString());
        Assert.Equal(
            ["a", "b"],
            changed.GetProperty("labels").EnumerateArray().Select(label => label.GetProperty("name").GetString()));
        Assert.Equal(204, (int)(await _box.AskAsync(HttpMethod.Delete, _box.Path())).StatusCode);
        Assert.Equal(
            (404, "RunnerScaleSetNotFoundException"), await _box.RefusedAsync(HttpMethod.Get, _box.Path()));
        Assert.Equal(0, (await _box.JsonAsync(HttpMethod.Get, search)).GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task TokensAreChecked()
    {
        Assert.Equal(401, (int)(await _box.RegisterAsync("acme", "NONSENSE")).StatusCode);
        Assert.Equal(401, (int)(await _box.RegisterAsync("acme", _box.AdminToken, "Bearer")).StatusCode);
        var (token, _) = _box.Organization.RunnerTokens.Create("acme");
        Assert.Equal(404, (int)(await _box.RegisterAsync("acme/app", token)).StatusCode);
        Assert.Equal(200, (int)(await _box.RegisterAsync("ACME", token)).StatusCode);
        Assert.Equal(401, (int)(await _box.AskAsync(HttpMethod.Get, _box.Path(), token: "x")).StatusCode);

        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(_box.AdminToken.Split('.')[1]));
        var expires = claims.RootElement.GetProperty("exp");
        Assert.Equal((_box.Rest.Clock.GetUtcNow() + TimeSpan.FromHours(1)).ToUnixTimeSeconds(), expires.GetInt64());
        _box.Rest.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(401, (int)(await _box.AskAsync(HttpMethod.Get, _box.Path())).StatusCode);
    }

    [Fact]
    public async Task ATokenIsGoodForItsScopeOnly()
    {
        var (service, token) = (_box.Service, _box.AdminToken);
        var personal = _box.Organization.Credentials.AddPersonalToken(
            "alice", ["repo", "manage_runners:enterprise"], "acme");
        _box.Organization.AddEnterprise("globex", "acme");
        await _box.SignInAsync("enterprises/globex", "enterprises/globex", personal);
        Assert.Equal(404, (int)(await _box.AskAsync(HttpMethod.Get, _box.Path())).StatusCode);
        await _box.SignInAsync("repos/acme/app", "acme/app", personal);
        Assert.NotEqual(service, _box.Service);
        Assert.Equal(
            1,
            Only(await _box.JsonAsync(HttpMethod.Get, "_apis/runtime/runnergroups/?groupName=Default"))
                .GetProperty("id").GetInt64());
        Assert.Equal(404, (int)(await _box.AskAsync(HttpMethod.Get, _box.Path())).StatusCode);
        Assert.Equal(401, (int)(await _box.AskAsync(HttpMethod.Get, _box.Path(), token: token)).StatusCode);
    }

    [Fact]
    public async Task ASecondSessionIsRefusedAndTheFirstCanBeClosedOnce()
    {
        var answer = await _box.AskAsync(HttpMethod.Post, _box.Path("sessions"), new { ownerName = "another" });
        Assert.Equal(409, (int)answer.StatusCode);
        var error = await RestBox.JsonAsync(answer);
        Assert.Equal(
            "GitHub.Actions.Runtime.WebApi.RunnerScaleSetSessionConflictException, GitHub.Actions.Runtime.WebApi",
            error.GetProperty("typeName").GetString());
        Assert.EndsWith(
            "for owner t.", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        var session = _box.Path($"sessions/{_box.SessionId}");
        Assert.Equal(204, (int)(await _box.AskAsync(HttpMethod.Delete, session)).StatusCode);
        Assert.Equal(
            (400, "RunnerScaleSetSessionExpiredException"), await _box.RefusedAsync(HttpMethod.Delete, session));
        Assert.Equal(401, (int)(await _box.PollAsync()).StatusCode);
        await _box.ListenAsync();
    }

    [Fact]
    public async Task RunnersAreFoundByNameAndIdAndTheirNamesAreTakenOnce()
    {
        var name = new { name = "r 1", workFolder = "_work" };
        var jit = await _box.JsonAsync(HttpMethod.Post, _box.Path("generatejitconfig"), name);
        var id = jit.GetProperty("runner").GetProperty("id").GetInt64();
        Assert.Equal(
            (409, "TaskAgentExistsException"),
            await _box.RefusedAsync(HttpMethod.Post, _box.Path("generatejitconfig"), name));
        Assert.Equal(
            id, Only(await _box.JsonAsync(HttpMethod.Get, $"{Agents}?agentName=r%201")).GetProperty("id").GetInt64());
        Assert.Equal(
            "r 1", (await _box.JsonAsync(HttpMethod.Get, $"{Agents}/{id}")).GetProperty("name").GetString());
        Assert.Equal(204, (int)(await _box.AskAsync(HttpMethod.Delete, $"{Agents}/{id}")).StatusCode);
        Assert.Equal(
            (404, "TaskAgentNotFoundException"), await _box.RefusedAsync(HttpMethod.Get, $"{Agents}/{id}"));
        Assert.Equal(204, (int)(await _box.AskAsync(HttpMethod.Delete, $"{Agents}/{id}")).StatusCode);
    }

    [Fact]
    public async Task AServerOffersJobsThatAreAcquired()
    {
        await using var box = await ScaleSetBox.StartAsync(new ScaleSetSettings { Ghes = true });
        box.Queue();
        var message = await box.NextAsync();
        var offer = Assert.Single(ScaleSetBox.Entries(message));
        Assert.Equal("JobAvailable", offer.GetProperty("messageType").GetString());
        Assert.Equal("0001-01-01T00:00:00Z", offer.GetProperty("finishTime").GetString());
        Assert.Equal(1, message.GetProperty("statistics").GetProperty("totalAvailableJobs").GetInt32());
        var request = offer.GetProperty("runnerRequestId").GetInt64();
        Assert.True(request > 0);

        var path = box.Path("acquirejobs");
        Assert.Equal(401, (int)(await box.AskAsync(HttpMethod.Post, path, new[] { request })).StatusCode);
        var acquired = await RestBox.JsonAsync(
            await box.AskAsync(HttpMethod.Post, path, new[] { request, request + 1 }, box.QueueToken));
        Assert.Equal([request], acquired.GetProperty("value").EnumerateArray().Select(id => id.GetInt64()));
        var assigned = Assert.Single(ScaleSetBox.Entries(
            await box.NextAsync(message.GetProperty("messageId").GetInt64())));
        Assert.Equal(request, assigned.GetProperty("runnerRequestId").GetInt64());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task ACapacityThatIsNoNumberIsRefused(string capacity) =>
        Assert.Equal(400, (int)(await _box.PollAsync(capacity: capacity)).StatusCode);

    private static object Label(string name) => new { type = "System", name };

    private static JsonElement Only(JsonElement list)
    {
        Assert.Equal(1, list.GetProperty("count").GetInt32());
        return Assert.Single(list.GetProperty("value").EnumerateArray());
    }
}
