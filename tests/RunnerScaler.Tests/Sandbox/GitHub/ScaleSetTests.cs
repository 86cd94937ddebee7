using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

/// <summary>Which jobs a scale set is assigned, and who gets them.</summary>
public sealed class ScaleSetTests
{
    private readonly ScaleSetBox _box = new();

    [Fact]
    public void AJobIsAssignedStartedAndCompleted()
    {
        var job = _box.Queue();
        _box.Hear();
        _box.Box.Settle();
        Assert.Equal(["JobAssigned build"], _box.Hear());
        Assert.Equal(new ScaleSetStatistics(0, 0, 1, 0, 0, 0, 0), _box.Statistics);

        var session = _box.Connect();
        _box.Box.Settle();
        Assert.Equal(new ScaleSetStatistics(0, 0, 1, 0, 1, 1, 0), _box.Statistics);
        Assert.Equal(job.Id, _box.Organization.TryTake(session)?.Id);
        Assert.Equal(["JobStarted build"], _box.Hear());
        Assert.Equal(new ScaleSetStatistics(0, 0, 1, 1, 1, 1, 0), _box.Statistics);

        _box.Organization.Complete(session, JobConclusion.Failure);
        Assert.Equal(["JobCompleted build Failure"], _box.Hear());
        Assert.Equal(default, _box.Statistics);
    }

    [Fact]
    public void NoMoreJobsAreAssignedThanThePollSaysThatThereIsRoomFor()
    {
        foreach (var i in Enumerable.Range(0, 5)) _box.Queue($"j{i}");
        _box.Hear(0);
        _box.Box.Settle();
        Assert.Empty(_box.Hear(0));
        Assert.Equal(["JobAssigned j0", "JobAssigned j1"], _box.Hear(2));
        Assert.Empty(_box.Hear(1));
        Assert.Equal(2, _box.Statistics.AssignedJobs);
        Assert.Equal(["JobAssigned j2"], _box.Hear(3));
    }

    [Theory]
    [InlineData("linux", true)]
    [InlineData("Linux,GPU", true)]
    [InlineData("linux,arm64", false)]
    [InlineData("self-hosted", false)]
    public void AJobIsForTheSetWhenItHasAllLabelsThatTheJobAsksFor(string labels, bool fits)
    {
        _box.Organization.ChangeScaleSet("acme", _box.Set.Id, new ScaleSetRequest(Labels: ["linux", "gpu"]));
        _box.Queue("build", labels.Split(','));
        _box.Hear();
        _box.Box.Settle();
        Assert.Equal(fits ? ["JobAssigned build"] : [], _box.Hear());
    }

    [Fact]
    public void AGroupIsOpenToItsRepositoriesOnly()
    {
        _box.Organization.AddRepository("acme/lib");
        var closed = _box.Organization.AddRunnerGroup(
            "acme", "Closed", GroupVisibility.Selected, selected: ["acme/lib"]);
        _box.Organization.ChangeScaleSet("acme", _box.Set.Id, new ScaleSetRequest(GroupId: closed.Id));
        _box.Queue("theirs");
        _box.Box.Queue(new JobSpec("ours") { RunsOn = ["linux"], Group = "closed" }, "acme/lib");
        _box.Hear();
        _box.Box.Settle();
        Assert.Equal(["JobAssigned ours"], _box.Hear());
    }

    [Fact]
    public void NobodyElseGetsAJobOfASetAndItsRunnersGetNoOthers()
    {
        var plain = _box.Box.Connect("plain", "linux");
        _box.Box.Settle();
        _box.Organization.TryTake(plain);
        var occupied = _box.Queue("first");
        _box.Box.Settle();
        Assert.Equal(occupied.Id, _box.Organization.TryTake(plain)?.Id);

        var job = _box.Queue("second");
        _box.Hear();
        _box.Box.Settle();
        Assert.Equal(["JobAssigned second"], _box.Hear());
        var late = _box.Box.Connect("late", "linux");
        _box.Box.Settle();
        Assert.Equal(SessionState.Idle, _box.Organization.StateOf(late));

        var own = _box.Connect();
        _box.Box.Settle();
        Assert.Equal(job.Id, _box.Organization.TryTake(own)?.Id);
        var idle = _box.Connect("r2");
        _box.Queue("third");
        _box.Box.Settle();
        Assert.Equal(SessionState.Idle, _box.Organization.StateOf(idle));
        Assert.NotNull(_box.Organization.TryTake(late));
    }

    [Fact]
    public void AJobWithoutARunnerIsQueuedAgainThreeTimesAndThenCancelled()
    {
        var job = _box.Queue();
        _box.Hear();
        _box.Box.Settle();
        _box.Box.Pass(TimeSpan.FromMinutes(4.9));
        Assert.Equal(["JobAssigned build"], _box.Hear());
        var heard = new List<string>();
        for (var time = TimeSpan.Zero; time < TimeSpan.FromMinutes(30); time += TimeSpan.FromSeconds(10))
        {
            _box.Box.Pass(TimeSpan.FromSeconds(10));
            heard.AddRange(_box.Hear());
        }

        string[] round = ["JobCompleted build Cancelled", "JobAssigned build"];
        Assert.Equal([.. round, .. round, .. round, round[0]], heard);
        Assert.Equal(0, _box.Statistics.AssignedJobs);
        Assert.Equal(JobConclusion.Cancelled, _box.Box.Now(job).Conclusion);
    }

    [Fact]
    public void AJobThatIsCancelledBeforeItsStartIsTold()
    {
        var job = _box.Queue();
        _box.Hear();
        _box.Box.Settle();
        _box.Hear();
        _box.Organization.CancelJob(job.Id);
        Assert.Equal(["JobCompleted build Cancelled"], _box.Hear());
    }

    [Fact]
    public void ASetThatIsDeletedReturnsItsJobsAndItsIdleRunnersGo()
    {
        var job = _box.Queue();
        _box.Hear();
        _box.Box.Settle();
        _box.Hear();
        _box.Register();
        _box.Organization.DeleteScaleSet("acme", _box.Set.Id);
        Assert.Empty(_box.Organization.AllRunners());
        Assert.Equal(404, ScaleSetBox.Refused(() => _box.Organization.GetScaleSet("acme", _box.Set.Id)).StatusCode);

        var plain = _box.Box.Connect("plain", "linux");
        _box.Box.Settle();
        Assert.Equal(job.Id, _box.Organization.TryTake(plain)?.Id);
    }

    [Fact]
    public void AnEnterpriseServesItsOrganizations()
    {
        _box.Organization.AddEnterprise("globex", "acme");
        _box.Organization.AddOrganization("other");
        _box.Organization.AddRepository("other/app");
        var set = _box.Organization.AddScaleSet("enterprises/globex", new ScaleSetRequest("all"));
        var token = _box.Organization.OpenSetSession("enterprises/globex", set.Id, "test").Session.QueueToken;
        ScaleSetMessage? Poll() => _box.Organization.NextMessage(token, 0, new ScaleSetCapacity(5));
        Poll();
        _box.Queue("ours", "all");
        _box.Box.Queue(new JobSpec("theirs") { RunsOn = ["all"] }, "other/app");
        _box.Box.Settle();
        Assert.Equal(["ours"], Poll()!.Entries.Select(entry => entry.Job.Name));
    }

    [Fact]
    public void NamesAreUniqueInAGroup()
    {
        var refusal = ScaleSetBox.Refused(() => _box.Organization.AddScaleSet("acme", new ScaleSetRequest("LINUX")));
        Assert.Equal((400, "RunnerScaleSetExistsException"), (refusal.StatusCode, refusal.Kind));
        var group = _box.Organization.AddRunnerGroup("acme", "Other").Id;
        var other = _box.Organization.AddScaleSet("acme", new ScaleSetRequest("linux", group));
        refusal = ScaleSetBox.Refused(() => _box.Organization.ChangeScaleSet(
            "acme", other.Id, new ScaleSetRequest(GroupId: _box.Set.GroupId)));
        Assert.Equal("RunnerScaleSetExistsException", refusal.Kind);
        Assert.Equal(400, ScaleSetBox.Refused(
            () => _box.Organization.AddScaleSet("acme", new ScaleSetRequest("x", 999))).StatusCode);
    }

    [Fact]
    public void ARunnersNameIsTakenOnce()
    {
        var first = _box.Register();
        Assert.Equal(_box.Set.Id, first.Runner.ScaleSetId);
        Assert.Equal(_box.Set.Labels, first.Runner.Labels);
        var refusal = ScaleSetBox.Refused(() => _box.Register("R1"));
        Assert.Equal((409, "TaskAgentExistsException"), (refusal.StatusCode, refusal.Kind));
        Assert.Equal(400, ScaleSetBox.Refused(() => _box.Register("")).StatusCode);
    }

    [Fact]
    public void AnOldServerKeepsOneLabelAndSaysNothing()
    {
        var old = new ScaleSetBox(new ScaleSetSettings { KeepsOneLabel = true });
        var set = old.Organization.AddScaleSet("acme", new ScaleSetRequest("more", Labels: ["more", "gpu"]));
        Assert.Equal(["more"], set.Labels);
    }
}
