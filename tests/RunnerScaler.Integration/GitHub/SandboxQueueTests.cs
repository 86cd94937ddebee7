using RunnerScaler.Control.Ports;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using JitRequest = RunnerScaler.Control.Ports.JitRequest;

namespace RunnerScaler.Integration.GitHub;

/// <summary>The controller's GitHub part does its whole work, over HTTP, against a model of GitHub.</summary>
public sealed class SandboxQueueTests : IAsyncLifetime
{
    private const string Name = "linux-0-1a2b3c4d";

    private static readonly string[] SelfHosted = ["self-hosted", "linux"];

    private GitHubBox box = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RegistrationTarget Organization => new(box.Account, "acme", null);

    public async ValueTask InitializeAsync() => box = await GitHubBox.StartAsync();

    public ValueTask DisposeAsync() => box.DisposeAsync();

    [Fact]
    public async Task AJobIsSeenQueuedRunningAndCompletedWithItsRunner()
    {
        Queue("acme/app", "build");
        var queued = Assert.Single(await box.JobsAsync());
        Assert.Equal((JobState.Queued, LabelSet.Of(SelfHosted)), (queued.State, queued.Labels));

        var session = await ConnectAsync(Organization, Name);
        var running = Assert.Single(await box.JobsAsync());
        Assert.Equal((queued.Id, JobState.Running, Name), (running.Id, running.State, running.RunnerName));
        Assert.Equal(DeregisterResult.Busy, await RemoveAsync(Name, null));
        Assert.True((await box.Registrar.FindAsync(Organization, Name, null, Cancel)).Registration!.Busy);

        box.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(box.Organization.Complete(session, JobConclusion.Success));
        var completed = Assert.Single(await box.JobsAsync());
        Assert.Equal((JobState.Completed, "success"), (completed.State, completed.Conclusion));
        var took = (completed.CompletedAt - completed.StartedAt)!.Value;
        Assert.InRange(took, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40));
        Assert.Empty(await box.JobsAsync());
        Assert.Equal(new LookupResult(true, null), await box.Registrar.FindAsync(Organization, Name, null, Cancel));
        Assert.Equal(DeregisterResult.Gone, await RemoveAsync(Name, null));
    }

    [Fact]
    public async Task TheLogOfDeliveriesTellsWhereToLook()
    {
        await using var patient = await GitHubBox.StartAsync(options: new()
        {
            ReadRetries = 0,
            ColdMinimum = TimeSpan.FromMinutes(2),
            WarmMinimum = TimeSpan.FromSeconds(30),
            HotFor = TimeSpan.FromMinutes(1),
        });
        patient.Organization.OpenHook(new(), new Random(1));
        for (var i = 0; i < 3; i++)
            await patient.ReadAsync(after: 30);
        patient.Organization.QueueRun(
            "acme/app", new WorkflowSpec("ci", new JobSpec("build") { RunsOn = SelfHosted }) { Event = "schedule" });

        Assert.Single(await patient.JobsAsync(after: 3));
        // The first reading and the one with news; between them the App's token, and so the entity tag, is the same.
        Assert.Equal((2, 2), (Deliveries(200), Deliveries(304)));

        long Deliveries(int status) => patient.Counts.Snapshot()
            .Where(c => c.Route == "GET /app/hook/deliveries" && c.Status == status).Sum(c => c.Requests);
    }

    [Fact]
    public async Task AnIdleHourCostsNextToNothingOfTheLimit()
    {
        Queue("acme/app", "build");
        await box.ReadAsync();
        var counted = box.Counts.Counted;
        for (var i = 0; i < 400; i++)
            Assert.Single(await box.JobsAsync(after: 10));

        // A whole hour and a change of the token: the token itself, and the jobs of a run that stays queued.
        var tokens = box.Counts.Snapshot().Where(c => c.Route.EndsWith("access_tokens", StringComparison.Ordinal));
        Assert.Equal(2, tokens.Sum(c => c.Requests));
        Assert.InRange(box.Counts.Counted - counted, 1, 10);
        Assert.True(box.Counts.NotModified > 1000, $"{box.Counts.NotModified}");
    }

    [Fact]
    public async Task ZombiesGhostsAndHostedJobsDoNoHarm()
    {
        box.Organization.AddZombieRun("acme/app");
        box.Organization.AddGhostJob("acme/app", "self-hosted");
        var gate = new JobSpec("gate") { InitialStatus = JobStatus.Waiting, RunsOn = SelfHosted };
        box.Organization.QueueRun("acme/app", new WorkflowSpec("ci", gate));
        var cancelled = Queue("acme/app", "late");
        var demand = (await box.JobsAsync()).Where(j => j.State == JobState.Queued);
        Assert.Equal(box.Organization.JobsOf(cancelled.Id).Select(j => j.Id), demand.Select(j => j.Id));

        box.Organization.CancelRun(cancelled.Id);

        Assert.DoesNotContain(await box.JobsAsync(), j => j.State is JobState.Queued or JobState.Running);
    }

    [Fact]
    public async Task ALargeMatrixIsSeenWhole()
    {
        box.Organization.QueueRun("acme/app", new WorkflowSpec("ci", new JobSpec("test")
        {
            RunsOn = SelfHosted,
            Matrix = [.. Enumerable.Range(0, 250).Select(i => $"{i}")],
        }));

        Assert.Equal(250, (await box.JobsAsync()).DistinctBy(j => j.Id).Count());
    }

    [Theory]
    [InlineData(nameof(RestFault.Html))]
    [InlineData(nameof(RestFault.ServerError))]
    public async Task OneBadAnswerLeavesOthersReadAndIsMadeGood(string fault)
    {
        var run = Queue("acme/app", "build");
        Queue("acme/lib", "build");
        await box.ReadAsync();

        box.Faults.Plan = new()
        {
            Standing = [new($"/runs/{run.Id}/jobs", Enum.Parse<RestFault>(fault))],
        };
        Queue("acme/app", "more");

        var seen = await box.ReadAsync(after: 20);
        box.Faults.Plan = FaultPlan.None;

        // The run whose jobs were not read is told; the rest of its repository, and the other, are as ever.
        var reads = seen.OfType<JobObservation.RepositoryRead>().ToArray();
        Assert.Equal(2, reads.Length);
        Assert.Equal(ProblemReason.Unreachable, Assert.Single(reads, r => r.Unread is not null).Unread!.Reason);
        Assert.Equal(2, (await box.JobsAsync(after: 20)).Length);
        Assert.Single(await box.JobsAsync("acme/lib", after: 20));
    }

    [Fact]
    public async Task AThrottledAccountPausesAndGoesOn()
    {
        Queue("acme/app", "build");
        await box.ReadAsync();
        box.Faults.Order(RestFault.Throttled, "/actions/runs");

        var seen = await box.ReadAsync(after: 20);
        var unread = seen.OfType<JobObservation.AccountUnread>().Last();
        Assert.Equal((ProblemReason.RateLimited, "acme"), (unread.Problem.Reason, unread.Owner));
        var requests = box.Counts.Requests;
        await box.ReadAsync(after: 1);
        Assert.Equal(requests, box.Counts.Requests);

        var wait = unread.Problem.Until!.Value - box.Clock.GetUtcNow();
        Assert.Single(await box.JobsAsync(after: wait.TotalSeconds + 30));
    }

    [Fact]
    public async Task ALostReplyIsFoundAgainAndANameIsTakenOnce()
    {
        Queue("acme/app", "build");
        box.Faults.Order(RestFault.LostReply, "generate-jitconfig");

        Assert.IsType<JitResult.Unavailable>(await RegisterAsync(Organization, Name));
        var found = (await box.Registrar.FindAsync(Organization, Name, null, Cancel)).Registration;
        Assert.False(found!.Online);
        Assert.IsType<JitResult.NameTaken>(await RegisterAsync(Organization, Name));
        Assert.Equal(found, Assert.Single((await box.Registrar.ListAsync(Organization, Cancel))!));
        Assert.Equal(DeregisterResult.Deleted, await RemoveAsync(Name, found.Id));
        Assert.Empty((await box.Registrar.ListAsync(Organization, Cancel))!);
    }

    [Fact]
    public async Task ATokenServesEachRepositoryOfItsUser()
    {
        box.UseToken("alice", "repo");
        Queue("alice/notes", "build");
        var job = Assert.Single(await box.JobsAsync("alice/notes", "alice/*"));
        var target = box.Scope("alice/*").TargetFor(box.Account, box.Repository("alice/notes"));

        await ConnectAsync(target, Name);

        Assert.Equal(
            (job.Id, Name),
            (await box.JobsAsync("alice/notes", "alice/*")).Select(j => (j.Id, j.RunnerName)).Single());
    }

    [Fact]
    public async Task ATokenServesOneRepository()
    {
        box.UseToken("alice", "repo");
        Queue("alice/notes", "build");

        Assert.Single(await box.JobsAsync("alice/notes", "alice/notes"));
    }

    [Theory]
    [InlineData("nobody", nameof(ProblemReason.ScopeNotFound))]
    [InlineData("alice/*", nameof(ProblemReason.ScopeNotFound))]
    [InlineData("acme/app", nameof(ProblemReason.PermissionMissing))]
    public async Task AScopeThatTheAppCannotSeeIsTold(string path, string reason)
    {
        var unread = (await box.ReadAsync(path)).OfType<JobObservation.AccountUnread>().Last();

        Assert.Equal(Enum.Parse<ProblemReason>(reason), unread.Problem.Reason);
        Assert.False(unread.Problem.Passes);
    }

    [Fact]
    public async Task ARepositoryThatDoesNotExistIsTold()
    {
        box.UseToken("alice", "repo");

        var unread = (await box.ReadAsync("acme/nothing")).OfType<JobObservation.AccountUnread>().Last();

        Assert.Equal((ProblemReason.ScopeNotFound, "acme"), (unread.Problem.Reason, unread.Owner));
    }

    [Fact]
    public async Task ATokenWithoutTheScopeIsTold()
    {
        box.UseToken("alice", "repo");

        var refused = Assert.IsType<JitResult.Refused>(await RegisterAsync(Organization, Name));

        Assert.False(refused.Problem.Passes);
        Assert.Contains("admin:org", refused.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownRunnerGroupIsTold()
    {
        var request = new JitRequest(Organization, Name, "Nowhere", LabelSet.Of(SelfHosted));

        var refused = Assert.IsType<JitResult.Refused>(await box.Registrar.CreateJitConfigAsync(request, Cancel));

        Assert.Equal(ProblemReason.RunnerGroupNotFound, refused.Problem.Reason);
    }

    private Run Queue(string repository, string job) =>
        box.Organization.QueueRun(repository, new WorkflowSpec("ci", new JobSpec(job) { RunsOn = SelfHosted }));

    private Task<JitResult> RegisterAsync(RegistrationTarget target, string name) =>
        box.Registrar.CreateJitConfigAsync(new JitRequest(target, name, null, LabelSet.Of(SelfHosted)), Cancel);

    private Task<DeregisterResult> RemoveAsync(string name, long? id) =>
        box.Registrar.DeregisterAsync(Organization, name, id, Cancel);

    /// <summary>Registers a runner, and lets it take the job that it is given.</summary>
    private async Task<RunnerSession> ConnectAsync(RegistrationTarget target, string name)
    {
        var registered = Assert.IsType<JitResult.Registered>(await RegisterAsync(target, name));
        var session = box.Organization.Connect(registered.Config);
        Assert.NotNull(session);
        box.Clock.Advance(TimeSpan.FromSeconds(3));
        box.Organization.Advance();
        Assert.NotNull(box.Organization.TryTake(session));
        return session;
    }
}
