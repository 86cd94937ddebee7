using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.GitHub;

public sealed class JobSourceTests
{
    private readonly GitHubRig bench = new();

    private FakeGitHub GitHub => bench.GitHub;

    [Fact]
    public async Task BothListsAreReadAndAllJobsReported()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"), new FakeJob(12, "waiting"));
        GitHub.AddRun("app", 2, "in_progress", new FakeJob(21, "in_progress"), new FakeJob(22, "queued"));
        GitHub.AddRun("lib", 3, "waiting", new FakeJob(31, "queued"));

        var seen = await bench.ReadAsync();

        var account = Assert.IsType<JobObservation.AccountRead>(seen[0]);
        Assert.Equal([GitHubRig.Repository("app"), GitHubRig.Repository("lib")], account.Repositories.Order(ByName));
        Assert.Equal(
            [(11, JobState.Queued), (12, JobState.Blocked), (21, JobState.Running), (22, JobState.Queued)],
            Read(seen, "app").Jobs.Select(j => (j.Id, j.State)));
        Assert.Equal([31L], Read(seen, "lib").Jobs.Select(j => j.Id));
        Assert.DoesNotContain(seen, o => o is JobObservation.AccountUnread or JobObservation.RepositoryUnread);
    }

    [Fact]
    public async Task AllPagesAreRead()
    {
        for (var i = 1; i <= 230; i++)
            GitHub.AddRun("app", i, "queued", new FakeJob(1000 + i, "queued"));
        GitHub.AddRun("app", 500, "queued", [.. Enumerable.Range(1, 256).Select(i => new FakeJob(2000 + i, "queued"))]);
        for (var i = 0; i < 130; i++)
            GitHub.Repositories.Add(new FakeRepository($"idle{i}"));

        var seen = await bench.ReadAsync();

        Assert.Equal(486, Read(seen, "app").Jobs.Length);
        Assert.Equal(131, Assert.IsType<JobObservation.AccountRead>(seen[0]).Repositories.Length);
        Assert.Equal(3, GitHub.Count("/runs/500/jobs"));
    }

    [Fact]
    public async Task AnIdleRepositoryCostsOneSmallRequestAReading()
    {
        GitHub.Repositories.Add(new FakeRepository("app"));
        await bench.ReadAsync();
        GitHub.Requests.Clear();

        var seen = await bench.ReadAfterAsync(10);

        Assert.Empty(Read(seen, "app").Jobs);
        Assert.Equal(
            ["GET /repos/acme/app/actions/runs?exclude_pull_requests=true&per_page=10"],
            GitHub.Requests);
    }

    [Fact]
    public async Task AnOldRunThatIsRunAgainIsSeenWithinHalfAMinute()
    {
        var old = GitHub.AddRun("app", 1, "completed");
        for (var i = 2; i < 40; i++)
            GitHub.AddRun("app", i, "completed");
        await bench.ReadAsync();
        for (var i = 0; i < 10; i++)
            await bench.ReadAfterAsync(9);
        (old.Status, old.Attempt, old.Jobs) = ("queued", 2, [new FakeJob(11, "queued")]);

        var seen = new List<long>();
        for (var i = 0; i < 4; i++)
            seen.AddRange(Read(await bench.ReadAfterAsync(9), "app").Jobs.Select(j => j.Id));

        Assert.Contains(11, seen);
    }

    [Fact]
    public async Task TheQueuedRunsOfARepositoryWithManyAreListedNowAndThen()
    {
        for (var i = 1; i < 40; i++)
            GitHub.AddRun("app", i, "completed");
        await bench.ReadAsync();
        GitHub.Requests.Clear();
        for (var i = 0; i < 20; i++)
            await bench.ReadAfterAsync(9);

        Assert.Equal(20, GitHub.Count("/runs?exclude"));
        Assert.InRange(GitHub.Count("/runs?status=queued"), 4, 7);
    }

    [Fact]
    public async Task ARunWhoseJobsOnlyBeginAndEndIsNotAskedEachTimeItMoves()
    {
        var run = GitHub.AddRun("app", 1, "in_progress", new FakeJob(11, "in_progress"));
        await bench.ReadAsync();
        GitHub.Requests.Clear();
        for (var i = 0; i < 25; i++)
        {
            run.UpdatedAt = run.UpdatedAt.AddSeconds(1);
            await bench.ReadAfterAsync(4);
        }

        Assert.InRange(GitHub.Count("/runs/1/jobs"), 6, 10);
    }

    [Fact]
    public async Task ARunIsAskedAtOnceWhenAJobOfItMayWait()
    {
        var run = GitHub.AddRun("app", 1, "in_progress", new FakeJob(11, "in_progress"));
        await bench.ReadAsync();
        (run.Status, run.UpdatedAt) = ("queued", run.UpdatedAt.AddSeconds(1));
        run.Jobs.Add(new FakeJob(12, "queued"));

        Assert.Contains(Read(await bench.ReadAfterAsync(4), "app").Jobs, j => j.Id == 12);
    }

    [Fact]
    public async Task ARunThatDidNotMoveIsAskedLessAndLess()
    {
        GitHub.AddRun("app", 1, "in_progress", new FakeJob(11, "in_progress"));
        for (var i = 0; i < 100; i++)
            Assert.Equal([11L], Read(await bench.ReadAfterAsync(4), "app").Jobs.Select(j => j.Id));

        Assert.InRange(GitHub.Count("/runs/1/jobs"), 5, 20);
    }

    [Fact]
    public async Task ARunThatMovedIsAskedAtOnce()
    {
        var run = GitHub.AddRun("app", 1, "in_progress", new FakeJob(11, "in_progress"));
        for (var i = 0; i < 60; i++)
            await bench.ReadAfterAsync(4);
        run.Jobs.Add(new FakeJob(12, "queued"));
        run.UpdatedAt = run.UpdatedAt.AddSeconds(1);

        Assert.Contains(Read(await bench.ReadAfterAsync(4), "app").Jobs, j => j.Id == 12);
    }

    [Fact]
    public async Task ARerunReplacesTheJobs()
    {
        var run = GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        await bench.ReadAsync();
        (run.Attempt, run.Jobs) = (2, [new FakeJob(12, "queued")]);

        var job = Assert.Single(Read(await bench.ReadAfterAsync(4), "app").Jobs);

        Assert.Equal((12, 2), (job.Id, job.RunAttempt));
    }

    [Fact]
    public async Task ARunWithoutJobsIsAskedEverMoreRarely()
    {
        GitHub.AddRun("app", 1, "queued");
        for (var i = 0; i < 1000; i++)
            Assert.Empty(Read(await bench.ReadAfterAsync(10), "app").Jobs);

        Assert.InRange(GitHub.Count("/runs/1/jobs"), 8, 14);
    }

    [Fact]
    public async Task AFinishedRunIsReadOnceMoreAndReportedOnce()
    {
        var run = GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        await bench.ReadAsync();
        run.Status = "completed";
        run.Jobs = [new FakeJob(11, "completed") { Runner = "linux-1", Conclusion = "success" }];

        var job = Assert.Single(Read(await bench.ReadAfterAsync(4), "app").Jobs);
        Assert.Equal((JobState.Completed, "linux-1", "success"), (job.State, job.RunnerName, job.Conclusion));
        Assert.NotNull(job.StartedAt);
        Assert.NotNull(job.CompletedAt);
        GitHub.Requests.Clear();
        Assert.Empty(Read(await bench.ReadAfterAsync(4), "app").Jobs);
        Assert.Equal(0, GitHub.Count("/runs/1/"));
    }

    [Fact]
    public async Task ACompletedJobOfALiveRunIsReportedOnce()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "completed"), new FakeJob(12, "queued"));

        Assert.Equal([11L, 12L], Read(await bench.ReadAsync(), "app").Jobs.Select(j => j.Id));
        Assert.Equal([12L], Read(await bench.ReadAfterAsync(4), "app").Jobs.Select(j => j.Id));
    }

    [Fact]
    public async Task AQueuedJobInACompletedRunIsAGhost()
    {
        var run = GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"), new FakeJob(12, "completed"));
        await bench.ReadAsync();
        run.Status = "completed";

        Assert.Empty(Read(await bench.ReadAfterAsync(4), "app").Jobs);
    }

    [Fact]
    public async Task ADeletedRunIsForgotten()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        await bench.ReadAsync();
        GitHub.Runs.Clear();

        Assert.Empty(Read(await bench.ReadAfterAsync(4), "app").Jobs);
    }

    [Fact]
    public async Task ARunThatTheIndexLostIsKept()
    {
        var run = GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        await bench.ReadAsync();
        run.ListedAs = "nowhere";
        for (var i = 0; i < 20; i++)
            Assert.Equal([11L], Read(await bench.ReadAfterAsync(4), "app").Jobs.Select(j => j.Id));

        Assert.True(GitHub.Count("/runs/1/jobs") < 20);
    }

    [Fact]
    public async Task ARunThatWaitsForApprovalKeepsItsJobs()
    {
        var run = GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        await bench.ReadAsync();
        (run.Status, run.Jobs) = ("waiting", [new FakeJob(11, "completed"), new FakeJob(12, "waiting")]);

        Assert.Contains(Read(await bench.ReadAfterAsync(4), "app").Jobs, j => j is { Id: 12, State: JobState.Blocked });
        Assert.Contains(Read(await bench.ReadAfterAsync(4), "app").Jobs, j => j is { Id: 12, State: JobState.Blocked });
        (run.Status, run.Jobs) = ("queued", [new FakeJob(12, "queued")]);
        Assert.Contains(Read(await bench.ReadAfterAsync(9), "app").Jobs, j => j is { Id: 12, State: JobState.Queued });
    }

    [Fact]
    public async Task WhatLeavesTheInstallationIsNoLongerWatched()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        GitHub.Repositories.Add(new FakeRepository("lib"));
        GitHub.Repositories.Add(new FakeRepository("old") { Archived = true });
        GitHub.Repositories.Add(new FakeRepository("off") { Disabled = true });
        Assert.Equal(2, Assert.IsType<JobObservation.AccountRead>((await bench.ReadAsync())[0]).Repositories.Length);
        GitHub.Repositories.RemoveAll(r => r.Name == "lib");

        var seen = await bench.ReadAfterAsync(61);

        Assert.Equal([GitHubRig.Repository("app")], Assert.IsType<JobObservation.AccountRead>(seen[0]).Repositories);
    }

    [Fact]
    public async Task OnlyTheNamedRepositoriesAreReadAndAMissingOneIsNamed()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        GitHub.AddRun("lib", 2, "queued", new FakeJob(21, "queued"));

        var seen = await bench.ReadAsync(GitHubRig.Scope("https://github.com/acme", "app", "typo"));

        Assert.Equal([GitHubRig.Repository("app")], Assert.IsType<JobObservation.AccountRead>(seen[0]).Repositories);
        Assert.Equal(0, GitHub.Count("/acme/lib/"));
        var unread = Assert.Single(seen.OfType<JobObservation.RepositoryUnread>());
        Assert.Equal((GitHubRig.Repository("typo"), ProblemReason.ScopeNotFound),
            (unread.Repository, unread.Problem.Reason));
    }

    [Fact]
    public async Task ASingleRepositoryIsReadByItsName()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        GitHub.AddRun("lib", 2, "queued", new FakeJob(21, "queued"));

        var seen = await bench.ReadAsync(GitHubRig.Scope("https://github.com/acme/app"));

        Assert.Equal([11L], Read(seen, "app").Jobs.Select(j => j.Id));
        Assert.Equal(0, GitHub.Count("/repos?"));
    }

    [Fact]
    public async Task AnUnchangedScopeIsTheSameScope()
    {
        GitHub.AddRun("app", 1, "queued", new FakeJob(11, "queued"));
        await bench.ReadAsync(GitHubRig.Scope("https://github.com/acme", "app"));
        bench.Time.Advance(TimeSpan.FromSeconds(4));
        await bench.ReadAsync(GitHubRig.Scope("https://github.com/acme", "app"));

        Assert.Equal(1, GitHub.Count("/orgs/acme/repos"));
    }

    private static readonly Comparer<RepositoryKey> ByName =
        Comparer<RepositoryKey>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name));

    private static JobObservation.RepositoryRead Read(JobObservation[] seen, string name) => Assert.Single(
        seen.OfType<JobObservation.RepositoryRead>(), o => o.Repository == GitHubRig.Repository(name));
}
