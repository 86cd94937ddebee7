using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

/// <summary>Does arbitrary things to an organisation, one number at a time, and checks what must always hold.</summary>
internal sealed class OrganizationWalk
{
    private static readonly string[][] Labels = [["self-hosted"], ["self-hosted", "linux"], ["gpu"]];

    private readonly Box _box;
    private readonly long[] _groups;
    private readonly List<RunnerSession> _sessions = [];
    private readonly List<string> _unused = [];
    private readonly List<long> _runs = [];
    private readonly List<string> _trace = [];
    private int _names;

    public OrganizationWalk(int seed)
    {
        _box = new Box(new OrganizationSettings { IdleDeadline = TimeSpan.FromHours(2) }, seed);
        Organization.AddRepository("acme/lib", isPrivate: false);
        var closed = Organization.AddRunnerGroup("acme", "Closed", GroupVisibility.Selected, selected: ["acme/app"]);
        _groups = [_box.DefaultGroup, closed.Id];
    }

    public Organization Organization => _box.Organization;

    public IReadOnlyList<string> Trace => _trace;

    /// <summary>One thing; <paramref name="choice"/> says which and to what.</summary>
    public void Step(int choice)
    {
        var (what, which) = (choice % 12, choice / 12);
        var before = Organization.AllRunners().ToDictionary(runner => runner.Id);
        switch (what)
        {
            case 0 or 1: QueueRun(which); break;
            case 2: Register(which); break;
            case 3 or 4: Connect(which); break;
            case 5: Take(which); break;
            case 6 or 7: Complete(which); break;
            case 8: Disconnect(which); break;
            case 9: Refusable(() => Organization.CancelRun(Pick(_runs, which)), _runs.Count); break;
            case 10: Refusable(() => Organization.RerunRun(Pick(_runs, which), which % 2 == 0), _runs.Count); break;
            default: Delete(which); break;
        }

        Check(before);
        before = Organization.AllRunners().ToDictionary(runner => runner.Id);
        _box.Clock.Advance(which % 9 == 0 ? TimeSpan.FromMinutes(which % 200) : TimeSpan.FromSeconds(which % 3));
        Organization.Advance();
        Check(before);
        _trace.AddRange(Organization.AllRunners().Select(runner => $"{runner.Id} {runner.JobId} {runner.Since:O}"));
    }

    /// <summary>From now on nothing goes wrong: runners come until every job has had one.</summary>
    public void Finish()
    {
        for (var round = 0; Organization.Statistics() is { QueuedNow: > 0 } or { RunningNow: > 0 }; round++)
        {
            Assert.True(round < 200, "jobs stay although runners come");
            foreach (var labels in Labels) _sessions.Add(_box.Connect($"last-{_names++}", labels));
            _box.Settle();
            foreach (var session in _sessions) Organization.TryTake(session);
            foreach (var session in _sessions) Organization.Complete(session, JobConclusion.Success);
            _box.Pass(TimeSpan.FromMinutes(2));
        }
    }

    private void QueueRun(int which)
    {
        var labels = Labels[which % Labels.Length];
        var first = new JobSpec("first")
        {
            RunsOn = labels,
            Group = which % 4 == 0 ? "Default" : null,
            Matrix = which % 3 == 0 ? ["a", "b"] : [],
        };
        var second = new JobSpec("second") { RunsOn = labels, Needs = which % 2 == 0 ? ["first"] : [] };
        var repository = which % 5 == 0 ? "acme/lib" : "acme/app";
        _runs.Add(Organization.QueueRun(repository, Box.Workflow(first, second)).Id);
    }

    private void Register(int which) => _unused.Add(
        _box.RegisterAt("acme", $"runner-{_names++}", _groups[which % 2], Labels[which % Labels.Length])
            .EncodedJitConfig);

    private void Connect(int which)
    {
        if (_unused.Count == 0) Register(which);
        var config = Pick(_unused, which);
        _unused.Remove(config);
        if (Organization.Connect(config) is { } session) _sessions.Add(session);
    }

    private void Take(int which)
    {
        if (_sessions.Count > 0) Organization.TryTake(Pick(_sessions, which));
    }

    private void Complete(int which)
    {
        foreach (var session in _sessions) Organization.TryTake(session);
        if (_sessions.Count == 0) return;
        var conclusion = which % 3 == 0 ? JobConclusion.Failure : JobConclusion.Success;
        Organization.Complete(Pick(_sessions, which), conclusion);
    }

    private void Disconnect(int which)
    {
        if (_sessions.Count > 0) Organization.Disconnect(Pick(_sessions, which), graceful: which % 2 == 0);
    }

    private void Delete(int which)
    {
        var runners = Organization.AllRunners();
        Refusable(() => Organization.DeleteRunner("acme", Pick(runners, which).Id), runners.Count);
    }

    private static void Refusable(Action act, int count)
    {
        if (count == 0) return;
        try
        {
            act();
        }
        catch (GitHubRefusal refusal)
        {
            Assert.Contains(refusal.StatusCode, (int[])[403, 409, 422]);
        }
    }

    private static T Pick<T>(IReadOnlyList<T> from, int which) => from[which % from.Count];

    private void Check(Dictionary<long, Runner> before)
    {
        var runners = Organization.AllRunners();
        Assert.Equal(runners.Count, runners.Select(runner => runner.Name).Distinct().Count());
        Assert.Equal(
            runners.Count(runner => runner.Busy),
            runners.Where(runner => runner.Busy).Select(runner => runner.JobId).Distinct().Count());
        foreach (var busy in runners.Where(runner => runner.Busy)) CheckBusy(busy, before.GetValueOrDefault(busy.Id));
        foreach (var run in _runs.Select(id => Organization.FindRun(id)!))
            Assert.Equal(Organization.JobsOf(run.Id).Min(job => job.Status), run.Status);
        var statistics = Organization.Statistics();
        Assert.Equal(runners.Count, statistics.RegisteredNow);
        Assert.Equal(statistics.Queued, statistics.QueuedNow + statistics.RunningNow + statistics.CompletedTotal);
    }

    private void CheckBusy(Runner runner, Runner? before)
    {
        var job = Organization.FindJob(runner.JobId!.Value)!;
        Assert.Equal(runner.Running ? JobStatus.InProgress : JobStatus.Queued, job.Status);
        Assert.Equal(runner.Id, runner.Running ? job.Runner?.Id : job.AssignedTo);
        Assert.Subset(runner.Labels.ToHashSet(), job.Labels.ToHashSet());
        Assert.True(job.Group is null || job.Group == runner.GroupName);
        var repository = Organization.RepositoryOf(Organization.FindRun(job.RunId)!);
        var open = Organization.RunnerGroupsOf("acme", repository.FullName).Select(group => group.Id);
        Assert.Contains(runner.GroupId, open);
        if (before is { Busy: false }) Assert.True(before.Online && runner.Online, "given a job while offline");
    }
}
