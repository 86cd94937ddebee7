using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

/// <summary>Sessions of a scale set and its messages.</summary>
public sealed class ScaleSetMessageTests
{
    private readonly ScaleSetBox _box = new();

    [Fact]
    public void AMessageStaysUntilItIsAcknowledged()
    {
        _box.Queue();
        _box.Poll();
        _box.Box.Settle();
        var message = _box.Poll()!;
        Assert.Equal(message.Id, _box.Poll()!.Id);
        Assert.Null(_box.Poll(last: message.Id));
        Assert.Equal(message.Id, _box.Poll()!.Id);

        _box.Organization.CloseSetSession("acme", _box.Set.Id, _box.Opened.Session.Id);
        _box.Listen("another");
        Assert.Equal(1, _box.Opened.Statistics.AssignedJobs);
        Assert.Equal(message.Id, _box.Poll()!.Id);
        _box.Organization.AcknowledgeMessage(_box.Token, message.Id);
        _box.Organization.AcknowledgeMessage(_box.Token, message.Id);
        Assert.Null(_box.Poll());
    }

    [Fact]
    public void AMessageHasFiftyEntriesAtMost()
    {
        _box.Poll(200);
        _box.Box.Queue(new JobSpec("first") { RunsOn = ["linux"] });
        _box.Organization.QueueRun("acme/app", Box.Workflow(new JobSpec("m")
        {
            RunsOn = ["linux"],
            Matrix = [.. Enumerable.Range(0, 119).Select(i => $"{i}")],
        }));
        _box.Box.Settle();
        var sizes = new List<int>();
        for (var last = 0L; _box.Poll(200, last) is { } message; last = message.Id) sizes.Add(message.Entries.Count);
        Assert.Equal([50, 50, 20], sizes);
    }

    [Fact]
    public void OneSessionAtATimeAndTheRefusalNamesItsOwner()
    {
        var refusal = ScaleSetBox.Refused(() => _box.Listen("another"));
        Assert.Equal((409, "RunnerScaleSetSessionConflictException"), (refusal.StatusCode, refusal.Kind));
        Assert.EndsWith("already has an active session for owner test.", refusal.Message, StringComparison.Ordinal);

        _box.Box.Pass(TimeSpan.FromMinutes(4));
        _box.Poll();
        _box.Box.Pass(TimeSpan.FromMinutes(4));
        Assert.Equal(409, ScaleSetBox.Refused(() => _box.Listen("another")).StatusCode);
        _box.Box.Pass(TimeSpan.FromMinutes(1));
        var (stale, id) = (_box.Token, _box.Opened.Session.Id);
        _box.Listen("another");
        Assert.Equal(401, ScaleSetBox.Refused(
            () => _box.Organization.NextMessage(stale, 0, default)).StatusCode);
        Assert.Equal(
            "RunnerScaleSetSessionExpiredException",
            ScaleSetBox.Refused(() => _box.Organization.CloseSetSession("acme", _box.Set.Id, id)).Kind);
    }

    [Fact]
    public void AnExpiredTokenIsRenewedByARefresh()
    {
        for (var i = 0; i < 10; i++)
        {
            _box.Box.Pass(TimeSpan.FromMinutes(4.9));
            _box.Poll();
        }

        var old = _box.Token;
        _box.Box.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(401, ScaleSetBox.Refused(() => _box.Poll()).StatusCode);
        _box.Refresh();
        Assert.NotEqual(old, _box.Token);
        Assert.Null(_box.Poll());
        Assert.Equal(401, ScaleSetBox.Refused(
            () => _box.Organization.NextMessage(old, 0, default)).StatusCode);
    }

    [Fact]
    public void ALostSessionCannotBeRefreshed()
    {
        _box.Organization.LoseSetSession(_box.Token);
        Assert.Equal(401, ScaleSetBox.Refused(() => _box.Poll()).StatusCode);
        Assert.Equal(404, ScaleSetBox.Refused(_box.Refresh).StatusCode);
        _box.Listen();
        Assert.Null(_box.Poll());
    }

    [Fact]
    public void ASetThatNobodyListensToGetsNoJobs()
    {
        _box.Poll();
        _box.Organization.CloseSetSession("acme", _box.Set.Id, _box.Opened.Session.Id);
        var job = _box.Queue();
        _box.Box.Settle();
        Assert.Null(_box.Box.Now(job).ScaleSetId);
        _box.Listen();
        Assert.Equal(0, _box.Opened.Statistics.AssignedJobs);
        Assert.Equal(["JobAssigned build"], _box.Hear());
    }

    [Fact]
    public void AServerOffersJobsThatAreThenAcquired()
    {
        var box = new ScaleSetBox(new ScaleSetSettings { Ghes = true });
        var (first, second) = (box.Queue("first"), box.Queue("second"));
        box.Hear(1);
        box.Box.Settle();
        Assert.Equal(["JobAvailable first", "JobAvailable second"], box.Hear(1));
        Assert.Equal(new ScaleSetStatistics(2, 0, 0, 0, 0, 0, 0), box.Statistics);

        box.Organization.CancelJob(second.Id);
        Assert.Equal(
            [first.RequestId],
            box.Organization.AcquireJobs(box.Set.Id, box.Token, [first.RequestId, second.RequestId, 7]));
        Assert.Equal(["JobAssigned first"], box.Hear(1));
        Assert.Equal(new ScaleSetStatistics(0, 1, 1, 0, 0, 0, 0), box.Statistics);
        Assert.Empty(box.Organization.AcquireJobs(box.Set.Id, box.Token, [first.RequestId]));
    }

    [Fact]
    public void WhoTellsNoCapacityIsOfferedJobsAndANewSessionIsOfferedThemAnew()
    {
        _box.Queue();
        _box.Hear(null);
        _box.Box.Settle();
        Assert.Equal(["JobAvailable build"], _box.Hear(null));
        Assert.Empty(_box.Hear(null));
        _box.Organization.CloseSetSession("acme", _box.Set.Id, _box.Opened.Session.Id);
        _box.Listen();
        Assert.Equal(["JobAvailable build"], _box.Hear(null));
    }

    [Fact]
    public void AnOfferThatIsGoneIsToldByTheStatistics()
    {
        var job = _box.Queue();
        _box.Hear(null);
        _box.Box.Settle();
        _box.Hear(null);
        _box.Organization.CancelJob(job.Id);
        var message = _box.Poll(null, long.MaxValue)!;
        Assert.Empty(message.Entries);
        Assert.Equal(0, message.Statistics.AvailableJobs);
    }
}
