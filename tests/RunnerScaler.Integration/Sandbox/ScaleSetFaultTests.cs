using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Sandbox;

/// <summary>What goes wrong with a scale set on request.</summary>
public sealed class ScaleSetFaultTests : IAsyncLifetime
{
    private const string Queue = "scalesets/message";

    private ScaleSetBox _box = null!;

    public async ValueTask InitializeAsync() => _box = await ScaleSetBox.StartAsync();

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Fact]
    public async Task ASessionIsLost()
    {
        _box.Rest.Faults.Order(RestFault.SessionLost, Queue);
        Assert.Equal(401, (int)(await _box.PollAsync()).StatusCode);
        Assert.Equal(
            (404, "RunnerScaleSetSessionNotFoundException"),
            await _box.RefusedAsync(HttpMethod.Patch, _box.Path($"sessions/{_box.SessionId}")));
        await _box.ListenAsync();
        _box.Queue();
        Assert.Single(ScaleSetBox.Entries(await _box.NextAsync()));
    }

    [Fact]
    public async Task AQueueMovesAndARefreshTellsWhere()
    {
        var old = _box.QueueUrl;
        _box.Rest.Faults.Order(RestFault.QueueMoved, Queue);
        Assert.Equal(401, (int)(await _box.PollAsync()).StatusCode);
        await _box.RefreshAsync();
        Assert.NotEqual(old, _box.QueueUrl);
        Assert.Equal(401, (int)(await _box.PollAsync(url: old)).StatusCode);
        _box.Queue();
        Assert.Single(ScaleSetBox.Entries(await _box.NextAsync()));
    }

    [Fact]
    public async Task AMessageIsDeliveredTwice()
    {
        _box.Rest.Faults.Order(RestFault.MessageTwice, Queue);
        _box.Queue();
        var id = (await _box.NextAsync()).GetProperty("messageId").GetInt64();
        await _box.AcknowledgeAsync(id);
        Assert.Equal(id, (await _box.NextAsync(id)).GetProperty("messageId").GetInt64());
        Assert.Equal(202, (int)(await _box.WhileTimePassesAsync(_box.PollAsync(id))).StatusCode);
        Assert.Equal(1, _box.Rest.Faults.Injected[RestFault.MessageTwice]);
    }

    [Fact]
    public async Task StatisticsLag()
    {
        _box.Queue("one");
        var first = await _box.NextAsync();
        _box.Queue("two");
        _box.Rest.Faults.Order(RestFault.StaleStatistics, Queue);
        var second = await _box.NextAsync(first.GetProperty("messageId").GetInt64());
        Assert.Single(ScaleSetBox.Entries(second));
        Assert.Equal(1, second.GetProperty("statistics").GetProperty("totalAssignedJobs").GetInt32());
        Assert.Equal(2, _box.Organization.GetScaleSet("acme", _box.SetId).Statistics.AssignedJobs);
    }

    [Theory]
    [InlineData(nameof(RestFault.ServerError), 502)]
    [InlineData(nameof(RestFault.Throttled), 429)]
    [InlineData(nameof(RestFault.NotFound), 404)]
    public async Task APollIsAnsweredWithAnError(string fault, int status)
    {
        _box.Rest.Faults.Order(Enum.Parse<RestFault>(fault), Queue);
        Assert.Equal(status, (int)(await _box.PollAsync()).StatusCode);
    }

    [Fact]
    public async Task APollHangs()
    {
        _box.Rest.Faults.Order(RestFault.Hang, Queue);
        _box.Queue();
        var hangs = _box.PollAsync();
        var message = await _box.NextAsync();
        Assert.Single(ScaleSetBox.Entries(message));
        Assert.False(hangs.IsCompleted);
    }

    [Fact]
    public async Task ASessionIsOpenedAndTheAnswerIsLost()
    {
        await _box.AskAsync(HttpMethod.Delete, _box.Path($"sessions/{_box.SessionId}"));
        _box.Rest.Faults.Order(RestFault.LostReply, "/sessions");
        await Assert.ThrowsAsync<HttpRequestException>(_box.ListenAsync);
        Assert.Equal(
            (409, "RunnerScaleSetSessionConflictException"),
            await _box.RefusedAsync(HttpMethod.Post, _box.Path("sessions"), new { ownerName = "t" }));
    }

    [Fact]
    public async Task BodiesBeginWithAByteOrderMark()
    {
        _box.Rest.Faults.Plan = new FaultPlan { ByteOrderMark = true };
        var answer = await _box.AskAsync(HttpMethod.Get, _box.Path());
        var body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0xEF, 0xBB, 0xBF, (byte)'{'], body[..4]);
    }

    [Fact]
    public async Task FaultsComeByChanceToo()
    {
        _box.Rest.Faults.Plan = new FaultPlan { SessionLostShare = 1 };
        Assert.Equal(401, (int)(await _box.PollAsync()).StatusCode);
        Assert.True(_box.Rest.Faults.Injected[RestFault.SessionLost] > 0);
    }
}
