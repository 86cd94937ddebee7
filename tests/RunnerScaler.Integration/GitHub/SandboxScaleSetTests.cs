using RunnerScaler.Control.Ports;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using JitRequest = RunnerScaler.Control.Ports.JitRequest;
using Job = RunnerScaler.Scaling.Jobs.Job;
using ScaleSet = RunnerScaler.Control.Ports.ScaleSet;
using ScaleSetMessage = RunnerScaler.Scaling.Jobs.ScaleSetMessage;

namespace RunnerScaler.Integration.GitHub;

/// <summary>The controller listens to a scale set of the sandbox's GitHub, over HTTP.</summary>
public sealed class SandboxScaleSetTests : IAsyncLifetime
{
    private const string Name = "linux-0-1a2b3c4d";

    private static readonly string[] SelfHosted = ["self-hosted", "linux"];

    private GitHubBox box = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RegistrationTarget Acme => new(box.Account with { ScaleSetsOf = "linux" }, "acme", null);

    public async ValueTask InitializeAsync() => box = await GitHubBox.StartAsync();

    public ValueTask DisposeAsync() => box.DisposeAsync();

    [Fact]
    public async Task AJobIsAssignedStartedAndCompletedWithoutAReadOfTheApi()
    {
        var jobs = AssignedJobs.At(box.Scope("acme"), 0);
        var session = await OpenAsync(Acme);
        Queue("acme/app", "build");
        jobs = jobs.Take(await NextAsync(session), box.Clock.GetUtcNow());
        var queued = Assert.Single(All(jobs));
        Assert.Equal((JobState.Queued, box.Repository("acme/app")), (queued.State, queued.Repository));

        var runner = await ConnectAsync(Acme);
        jobs = jobs.Take(await NextAsync(session), box.Clock.GetUtcNow());
        var running = Assert.Single(All(jobs));
        Assert.Equal((queued.Id, JobState.Running, Name), (running.Id, running.State, running.RunnerName));
        Assert.Equal(DeregisterResult.Busy, await RemoveAsync());
        Assert.True((await box.FeedRegistrar.FindAsync(Acme, Name, null, Cancel)).Registration!.Busy);

        box.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(box.Organization.Complete(runner, JobConclusion.Success));
        jobs = jobs.Take(await NextAsync(session), box.Clock.GetUtcNow());
        Assert.Equal((JobState.Completed, "succeeded"), (Assert.Single(All(jobs)).State, All(jobs)[0].Conclusion));
        Assert.Equal(0, jobs.Live);
        Assert.Equal(DeregisterResult.Gone, await RemoveAsync());
        await session.CloseAsync(Cancel);
        Assert.IsType<OpenResult.Listening>(await TryAsync(Acme));
    }

    [Fact]
    public async Task AFullSetIsAssignedNoFurtherJob()
    {
        var session = await OpenAsync(Acme);
        for (var i = 0; i < 4; i++)
            Queue("acme/app", $"job{i}");
        while ((await NextAsync(session, capacity: 3)).Statistics!.Value.Assigned < 3)
        {
            // Runs are queued one after the other.
        }
        Assert.IsType<PollResult.Nothing>(await WhileTimePassesAsync(session.PollAsync(3, Cancel)));
        Assert.Equal(4, (await NextAsync(session, capacity: 4)).Statistics!.Value.Assigned);
    }

    [Fact]
    public async Task ASecondListenerIsToldWhoseTheSessionIs()
    {
        var set = box.Organization.AddScaleSet("acme", new("linux", Labels: SelfHosted));
        box.Organization.OpenSetSession("acme", set.Id, "arc-7d9-listener");
        var held = Assert.IsType<OpenResult.Held>(await TryAsync(Acme));
        Assert.Contains("arc-7d9-listener", held.Problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALostSessionIsGoneAndAMovedQueueIsFollowed()
    {
        var session = await OpenAsync(Acme);
        box.Faults.Order(RestFault.QueueMoved, "message");
        Queue("acme/app", "build");
        Assert.Single((await NextAsync(session)).Events);
        box.Faults.Order(RestFault.SessionLost, "message");
        Assert.IsType<PollResult.Gone>(await WhileTimePassesAsync(session.PollAsync(9, Cancel)));
        var again = Assert.IsType<OpenResult.Listening>(await TryAsync(Acme));
        Assert.Equal(1, again.Statistics.Assigned);
    }

    [Fact]
    public async Task AMessageThatComesTwiceChangesNothing()
    {
        var session = await OpenAsync(Acme);
        box.Faults.Order(RestFault.MessageTwice, "message");
        Queue("acme/app", "build");
        var first = await NextAsync(session);
        var second = await NextAsync(session);
        Assert.Equal(first.Id, second.Id);
        var now = box.Clock.GetUtcNow();
        var once = AssignedJobs.At(box.Scope("acme"), 0).Take(first, now);
        Assert.Equal(All(once), All(once.Take(second, now)));
    }

    [Fact]
    public async Task ASetThatIsDeletedIsMadeAgain()
    {
        var session = await OpenAsync(Acme);
        var set = Assert.Single(box.Organization.ScaleSetsOf("acme"));
        Assert.Equal(["linux", "self-hosted"], set.Labels.Order());
        box.Organization.DeleteScaleSet("acme", set.Id);
        Assert.IsType<PollResult.Gone>(await WhileTimePassesAsync(session.PollAsync(9, Cancel)));
        await OpenAsync(Acme);
        Assert.NotEqual(set.Id, Assert.Single(box.Organization.ScaleSetsOf("acme")).Id);
    }

    [Fact]
    public async Task ByteOrderMarksAreNoPartOfBodies()
    {
        box.Faults.Plan = new FaultPlan { ByteOrderMark = true };
        var session = await OpenAsync(Acme);
        Queue("acme/app", "build");
        Assert.Single((await NextAsync(session)).Events);
    }

    [Fact]
    public async Task OneRepositoryIsServedByASetOfItsOwn()
    {
        box.UseToken("alice", "repo");
        var notes = new RegistrationTarget(Acme.Account, "alice", "notes");
        var session = await OpenAsync(notes);
        Queue("alice/notes", "build");
        var message = await NextAsync(session);
        Assert.Equal("notes", Assert.Single(message.Events).Repository);
        await ConnectAsync(notes);
    }

    private void Queue(string repository, string job) =>
        box.Organization.QueueRun(repository, new WorkflowSpec("ci", new JobSpec(job) { RunsOn = SelfHosted }));

    private Task<OpenResult> TryAsync(RegistrationTarget target) => box.ScaleSets.OpenAsync(
        new ScaleSet(target, "linux", null, LabelSet.Of(SelfHosted)), "me", Cancel);

    private async Task<IScaleSetSession> OpenAsync(RegistrationTarget target) =>
        Assert.IsType<OpenResult.Listening>(await TryAsync(target)).Session;

    private async Task<ScaleSetMessage> NextAsync(IScaleSetSession session, int capacity = 10)
    {
        var came = Assert.IsType<PollResult.Came>(await WhileTimePassesAsync(session.PollAsync(capacity, Cancel)));
        Assert.Null(await session.AcknowledgeAsync(came.Message.Id, Cancel));
        return came.Message;
    }

    /// <summary>Registers a runner with the set, and lets it take the job that it is given.</summary>
    private async Task<RunnerSession> ConnectAsync(RegistrationTarget target)
    {
        var registered = Assert.IsType<JitResult.Registered>(await box.FeedRegistrar.CreateJitConfigAsync(
            new JitRequest(target, Name, null, LabelSet.Of(SelfHosted)), Cancel));
        var session = box.Organization.Connect(registered.Config);
        Assert.NotNull(session);
        box.Clock.Advance(TimeSpan.FromSeconds(3));
        box.Organization.Advance();
        Assert.NotNull(box.Organization.TryTake(session));
        return session;
    }

    private Task<DeregisterResult> RemoveAsync() => box.FeedRegistrar.DeregisterAsync(Acme, Name, null, Cancel);

    private static Job[] All(AssignedJobs jobs) => [.. jobs.ByRepository().Values.SelectMany(j => j)];

    /// <summary>Both sides have one clock, which stands still by itself.</summary>
    private async Task<T> WhileTimePassesAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            box.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(task, Task.Delay(1, Cancel));
        }
        return await task;
    }
}
