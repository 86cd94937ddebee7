using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Integration.Node;

/// <summary>How pods on a real node end when something ends them.</summary>
[Collection(NodeTests.Name)]
[Trait("Category", "Node")]
public sealed class EndOnNodeTests(NodeFixture fixture, ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task APodInStandbyEndsAtOnceWhenItsNodeIsDrained()
    {
        var world = await fixture.OpenAsync();
        await using var pool = await NodePool.OpenAsync(world, "standby", new() { Standby = 1 });
        var pod = await pool.RunningPodAsync();
        await pool.UntilAsync("it is in standby", async () =>
            await world.Metrics.SumAsync("runnerscaler_runners", ("pool", pool.Name), ("state", "standby")) == 1);
        await EvictAsync(world, pod);
        await EndsWithinAsync(pool, pod, seconds: 60);
        await SaysThatItHadAJobAsync(pool, pod, false);
        Assert.Empty(pool.Registrations);
        await pool.UntilExitAsync("Evicted");
        await pool.UntilAsync("another takes its place", () => pool.Pods.Any(p => p.Uid != pod.Uid && p.Is("running")));
    }

    [Fact]
    public async Task ARegisteredPodGivesItsRegistrationBack()
    {
        var world = await fixture.OpenAsync();
        await using var pool = await NodePool.OpenAsync(world, "registered", new() { Idle = 1 });
        await pool.UntilAsync("a runner waits at GitHub", () => pool.Registrations is [{ Online: true }]);
        var registration = pool.Registrations.Single();

        // A runner is online before its kubelet has seen its container run, and a kubelet of this age kills, without
        // any grace, the containers of a deleted pod that it has not seen running yet.
        var pod = await pool.RunningPodAsync();
        Assert.Single(pool.Pods);
        await EvictAsync(world, pod);
        await EndsWithinAsync(pool, pod, seconds: 60);
        await SaysThatItHadAJobAsync(pool, pod, false);
        Assert.DoesNotContain(pool.Registrations, r => r.Id == registration.Id);
        await pool.UntilExitAsync("Evicted");
    }

    [Fact]
    public async Task ABusyPodFinishesItsJobFirst()
    {
        var world = await fixture.OpenAsync();
        await using var pool = await NodePool.OpenAsync(world, "busy", new());
        var job = pool.Queue("long", seconds: 8);
        await pool.UntilAsync("the job runs", () => pool.Now(job).Status == JobStatus.InProgress);
        var pod = Assert.Single(pool.Pods);

        // Before, the job may be queued for all that the controller knows, and it would make another pod for it.
        await pool.UntilAsync("the controller knows", async () =>
            await world.Metrics.SumAsync("runnerscaler_runners", ("pool", pool.Name), ("state", "busy")) == 1);
        await EvictAsync(world, pod);
        await pool.UntilAsync("the job is done", () => pool.Now(job).Status == JobStatus.Completed);
        await pool.UntilNothingIsLeftAsync();
        Assert.Equal(JobConclusion.Success, pool.Now(job).Conclusion);
        await SaysThatItHadAJobAsync(pool, pod, true);
        await pool.UntilExitAsync("RanJob");
        Assert.Single(pool.Pods);
    }

    [Fact]
    public async Task AJobThatTakesAllMemoryIsSeenAsSuch()
    {
        var world = await fixture.OpenAsync();
        await using var pool = await NodePool.OpenAsync(world, "memory", new() { Memory = "64Mi" });
        var job = pool.Queue("memory", seconds: 5);
        await pool.UntilAsync("the job is lost", () => pool.Now(job).Status == JobStatus.Completed);
        Assert.Equal(JobConclusion.Failure, pool.Now(job).Conclusion);
        await pool.UntilNothingIsLeftAsync();
        var pod = Assert.Single(pool.Pods);
        Assert.Equal((137L, "OOMKilled"), (pod.End.Code, pod.End.Reason));
        await pool.UntilExitAsync("OutOfMemory");
    }

    [Fact]
    public async Task AJobOutlivesTheKubelet()
    {
        var world = await fixture.OpenAsync();
        await using var pool = await NodePool.OpenAsync(world, "kubelet", new());
        var job = pool.Queue("through", seconds: 8);
        await pool.UntilAsync("the job runs", () => pool.Now(job).Status == JobStatus.InProgress);
        await world.Node.KillKubeletAsync();
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Cancel);
        world.Node.StartKubelet();
        await pool.UntilAsync("the job is done", () => pool.Now(job).Status == JobStatus.Completed);
        await pool.UntilNothingIsLeftAsync();
        await pool.UntilExitAsync("RanJob");
        Assert.Equal(JobConclusion.Success, pool.Now(job).Conclusion);
        Assert.Single(pool.Pods);
    }

    [Fact]
    public async Task AJobThatEndsWhileThereIsNoKubeletIsAccountedAfterwards()
    {
        var world = await fixture.OpenAsync();
        await using var pool = await NodePool.OpenAsync(world, "absent", new());
        var job = pool.Queue("through", seconds: 4);
        await pool.UntilAsync("the job runs", () => pool.Now(job).Status == JobStatus.InProgress);
        await world.Node.KillKubeletAsync();
        await pool.UntilAsync("the job is done", () => pool.Now(job).Status == JobStatus.Completed);
        var pod = Assert.Single(pool.Pods);
        Assert.True(pod.Is("running"));
        world.Node.StartKubelet();
        await pool.UntilNothingIsLeftAsync();
        await pool.UntilExitAsync("RanJob");
        Assert.True((bool)(await pool.LastWordsAsync(pod))["ranJob"]!);
        Assert.Single(pool.Pods);
    }

    private static async Task SaysThatItHadAJobAsync(NodePool pool, PodStory pod, bool hadJob)
    {
        if (pod.EndIsLost)
            return;
        Assert.Equal(0, pod.End.Code);
        Assert.Equal(hadJob, (bool)(await pool.LastWordsAsync(pod))["ranJob"]!);
    }

    /// <summary>What <c>kubectl drain</c> does to each pod.</summary>
    private static Task<JsonObject> EvictAsync(World world, PodStory pod) => world.Http.PostAsync(
        $"/api/v1/namespaces/ci/pods/{pod.Name}/eviction",
        new JsonObject
        {
            ["apiVersion"] = "policy/v1beta1",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = pod.Name, ["namespace"] = "ci" },
        },
        Cancel);

    private async Task EndsWithinAsync(NodePool pool, PodStory pod, int seconds)
    {
        var asked = TimeProvider.System.GetTimestamp();
        await pool.UntilAsync("the pod has ended", () => pod.EndedAt is not null || pod.GoneAt is not null, seconds);
        var took = TimeProvider.System.GetElapsedTime(asked);
        output.WriteLine($"ended {took.TotalSeconds:0.00} s after it was asked to");
    }
}
