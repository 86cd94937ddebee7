using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

public sealed class RunnerAssignmentTests
{
    private readonly Box _box = new();

    [Theory]
    [InlineData("self-hosted", "self-hosted", true)]
    [InlineData("self-hosted", "self-hosted,linux,x64", true)]
    [InlineData("self-hosted,LINUX", "Self-Hosted,linux", true)]
    [InlineData("self-hosted,gpu", "self-hosted,linux", false)]
    [InlineData("self-hosted", "linux", false)]
    public void AJobGoesToARunnerThatHasAllOfItsLabels(string asked, string offered, bool assigned)
    {
        var job = _box.Queue(asked.Split(','));
        var session = _box.Connect("r1", offered.Split(','));
        _box.Settle();
        Assert.Equal(assigned ? SessionState.Assigned : SessionState.Idle, _box.Organization.StateOf(session));
        Assert.Equal(assigned ? job.Id : null, _box.Organization.TryTake(session)?.Id);
    }

    [Fact]
    public void TheAssignmentTakesOneToTwoSeconds()
    {
        _box.Connect("r1");
        _box.Settle();
        var job = _box.Queue();
        _box.Pass(TimeSpan.FromSeconds(0.99));
        Assert.Null(_box.Now(job).AssignedTo);
        _box.Pass(TimeSpan.FromSeconds(1.02));
        Assert.NotNull(_box.Now(job).AssignedTo);
    }

    [Fact]
    public void AnAssignedJobReadsQueuedUntilItIsPickedUp()
    {
        var job = _box.Queue();
        var session = _box.Connect("r1");
        _box.Settle();
        Assert.Equal(JobStatus.Queued, _box.Now(job).Status);
        Assert.Null(_box.Now(job).Runner);
        Assert.True(_box.Organization.AllRunners().Single().Busy);
        _box.Organization.TryTake(session);
        Assert.Equal(JobStatus.InProgress, _box.Now(job).Status);
        Assert.Equal("r1", _box.Now(job).Runner?.Name);
    }

    [Fact]
    public void AnyOfTheMatchingIdleRunnersMayGetTheJob()
    {
        var chosen = Enumerable.Range(1, 40).Select(seed =>
        {
            var box = new Box(seed: seed);
            foreach (var name in (string[])["a", "b", "c"]) box.Connect(name);
            box.Settle();
            var job = box.Queue();
            box.Settle();
            return box.Organization.AllRunners().Single(runner => runner.JobId == job.Id).Name;
        });
        Assert.Equal(["a", "b", "c"], chosen.Distinct().Order());
    }

    [Fact]
    public void OlderJobsGoFirst()
    {
        var first = _box.Queue();
        _box.Pass(TimeSpan.FromMinutes(1));
        _box.Queue();
        _box.Settle();
        var session = _box.Connect("r1");
        _box.Settle();
        Assert.Equal(first.Id, _box.Organization.TryTake(session)?.Id);
    }

    [Fact]
    public void AnAssignmentThatNobodyPicksUpReturnsToTheQueueAfterAMinute()
    {
        var job = _box.Queue();
        var sleeper = _box.Connect("sleeper");
        _box.Settle();
        Assert.NotNull(_box.Now(job).AssignedTo);
        _box.Pass(TimeSpan.FromSeconds(61));
        Assert.Null(_box.Now(job).AssignedTo);
        Assert.Equal(1, _box.Organization.Statistics().Requeued);

        var other = _box.Connect("other");
        _box.Settle();
        Assert.Null(_box.Organization.TryTake(sleeper));
        Assert.Equal(job.Id, _box.Organization.TryTake(other)?.Id);
    }

    [Fact]
    public void ARunnerThatLetAnAssignmentPassIsOfferedOneAgainOnceItAsks()
    {
        var job = _box.Queue();
        var session = _box.Connect("r1");
        _box.Pass(TimeSpan.FromMinutes(5));
        Assert.Null(_box.Organization.TryTake(session));
        _box.Settle();
        Assert.Equal(job.Id, _box.Organization.TryTake(session)?.Id);
    }

    [Fact]
    public void AJobThatWaitsForADayFails()
    {
        var job = _box.Queue();
        _box.Pass(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(JobStatus.Queued, _box.Now(job).Status);
        _box.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(JobConclusion.Failure, _box.Now(job).Conclusion);
        Assert.Equal(Box.Start.AddHours(24), _box.Now(job).CompletedAt);
    }

    [Theory]
    [InlineData(nameof(GroupVisibility.All), true, "private", true)]
    [InlineData(nameof(GroupVisibility.All), false, "public", false)]
    [InlineData(nameof(GroupVisibility.All), true, "public", true)]
    [InlineData(nameof(GroupVisibility.Private), true, "private", true)]
    [InlineData(nameof(GroupVisibility.Private), true, "public", false)]
    [InlineData(nameof(GroupVisibility.Selected), true, "private", false)]
    [InlineData(nameof(GroupVisibility.Selected), true, "app", true)]
    public void OnlyRunnersOfAGroupVisibleToTheRepositoryGetItsJobs(
        string kind, bool allowsPublic, string repository, bool assigned)
    {
        var visibility = Enum.Parse<GroupVisibility>(kind);
        _box.Organization.AddRepository("acme/private");
        _box.Organization.AddRepository("acme/public", isPrivate: false);
        var group = _box.Organization.AddRunnerGroup(
            "acme", "special", visibility, allowsPublic,
            visibility == GroupVisibility.Selected ? ["acme/app"] : []);
        var job = _box.Queue(new JobSpec("build"), $"acme/{repository}");
        _box.Organization.Connect(_box.RegisterAt("acme", "r1", group.Id).EncodedJitConfig);
        _box.Settle();
        Assert.Equal(assigned, _box.Now(job).AssignedTo is not null);
    }

    [Fact]
    public void AJobThatAsksForAGroupHasNoLabelsAndGoesToThatGroupOnly()
    {
        var group = _box.Organization.AddRunnerGroup("acme", "Large");
        var job = _box.Queue(new JobSpec("build") { RunsOn = [], Group = "large" });
        Assert.Empty(job.Labels);
        _box.Connect("plain");
        _box.Settle();
        Assert.Null(_box.Now(job).AssignedTo);
        _box.Organization.Connect(_box.RegisterAt("acme", "large", group.Id, "whatever").EncodedJitConfig);
        _box.Settle();
        Assert.Equal("large", _box.Organization.AllRunners().Single(runner => runner.Busy).Name);
    }

    [Fact]
    public void ARepositorysOwnRunnersServeThatRepositoryOnly()
    {
        _box.Organization.AddUser("alice");
        _box.Organization.AddRepository("alice/one");
        _box.Organization.AddRepository("alice/two");
        _box.Organization.Connect(_box.RegisterAt("alice/one", "r1", 1).EncodedJitConfig);
        var other = _box.Queue(new JobSpec("build"), "alice/two");
        _box.Settle();
        Assert.Null(_box.Now(other).AssignedTo);
        var own = _box.Queue(new JobSpec("build"), "alice/one");
        _box.Settle();
        Assert.NotNull(_box.Now(own).AssignedTo);
    }

    [Fact]
    public void JobsForGitHubsOwnRunnersNeedNoneOfOurs()
    {
        var session = _box.Connect("r1");
        var job = _box.Queue("ubuntu-latest");
        _box.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(JobConclusion.Success, _box.Now(job).Conclusion);
        Assert.Equal(SessionState.Idle, _box.Organization.StateOf(session));
        Assert.Equal(0, _box.Organization.Statistics().Queued);
    }

    [Fact]
    public void ALateAdvanceAppliesEverythingAtItsOwnTime()
    {
        var job = _box.Queue();
        _box.Connect("r1");
        _box.Clock.Advance(TimeSpan.FromHours(1));
        _box.Organization.Advance();
        Assert.Equal(1, _box.Organization.Statistics().Requeued);
        var freed = _box.Organization.AllRunners().Single().Since - Box.Start;
        Assert.InRange(freed, TimeSpan.FromSeconds(61), TimeSpan.FromSeconds(62));
        Assert.Null(_box.Now(job).AssignedTo);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void AGroupThatIsRestrictedToWorkflowsServesNoOther(bool restricted, bool assigned)
    {
        var job = _box.Queue();
        _box.Organization.ChangeRunnerGroup("acme", "Default", group => group with
        {
            Workflows = restricted ? ["acme/app/.github/workflows/deploy.yml@refs/heads/main"] : null,
        });
        _box.Connect("r1");
        _box.Settle();
        Assert.Equal(assigned, _box.Now(job).AssignedTo is not null);
        _box.Organization.ChangeRunnerGroup("acme", "Default", group => group with
        {
            Workflows = ["acme/app/.github/workflows/ci.yml@refs/heads/main"],
        });
        _box.Settle();
        Assert.NotNull(_box.Now(job).AssignedTo);
    }

    [Fact]
    public void AJobOfARepositoryThatAGroupIsClosedToWaitsUntilItIsOpened()
    {
        _box.Organization.ChangeRunnerGroup(
            "acme", "Default", group => group with { Visibility = GroupVisibility.Selected });
        var job = _box.Queue();
        _box.Connect("r1");
        _box.Settle();
        Assert.Null(_box.Now(job).AssignedTo);
        _box.Organization.ChangeRunnerGroup("acme", "Default", group => group with
        {
            Selected = new HashSet<long> { _box.Organization.FindRepository("acme/app")!.Id },
        });
        _box.Settle();
        Assert.NotNull(_box.Now(job).AssignedTo);
    }
}
