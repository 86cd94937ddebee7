using System.Buffers.Text;
using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Integration.Node;

/// <summary>A job on a real node, from the queue to nothing left.</summary>
[Collection(NodeTests.Name)]
[Trait("Category", "Node")]
public sealed class JobOnNodeTests(NodeFixture fixture, ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AJobIsRunByAPodThatLeavesNothingBehind()
    {
        var world = await fixture.OpenAsync();
        await using var pool = await NodePool.OpenAsync(world, "job", new());
        var granted = await world.Metrics.SumAsync("runnerscaler_claims_total", ("answer", "granted"));
        var job = pool.Queue("build", seconds: 2);
        await pool.UntilAsync("the job runs", () => pool.Now(job).Status == JobStatus.InProgress);
        var registration = Assert.Single(pool.Registrations);
        await pool.UntilAsync("the job is done", () => pool.Now(job).Status == JobStatus.Completed);
        await pool.UntilNothingIsLeftAsync();
        await pool.UntilExitAsync("RanJob");

        var pod = Assert.Single(pool.Pods);
        Assert.Equal(JobConclusion.Success, pool.Now(job).Conclusion);
        Assert.Equal($"job-0-{pod.Uid[..8]}", pool.Now(job).Runner!.Name);
        Assert.Equal(pool.Now(job).Runner!.Name, registration.Name);
        Assert.Equal(RealNode.Name, pod.Node);
        Assert.Equal((0L, "Completed"), (pod.End.Code, pod.End.Reason));
        var said = await pool.LastWordsAsync(pod);
        Assert.True((bool)said["ranJob"]!);
        Assert.Equal(0, (int)said["exitCode"]!);
        Assert.Equal(1, await world.Metrics.SumAsync(
            "runnerscaler_builds_total", ("pool", pool.Name), ("command", "build"), ("result", "success")));
        Assert.Equal(9, await world.Metrics.SumAsync("runnerscaler_build_steps_total", ("pool", pool.Name)));
        Assert.Equal(granted + 1, await world.Metrics.SumAsync("runnerscaler_claims_total", ("answer", "granted")));
        await PrintAsync(world, pool.Name, pod, pool.Now(job));
    }

    [Fact]
    public async Task ThePodsTokenIsItsOwnAndEndsWithIt()
    {
        var world = await fixture.OpenAsync();
        await using var pool = await NodePool.OpenAsync(world, "token", new() { Standby = 1 });
        var pod = await pool.RunningPodAsync();
        var token = world.Node.TokenOf(pod.Uid);
        var payload = JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;
        Assert.Equal("runnerscaler", payload["aud"]!.AsArray().Single().Text());
        Assert.Equal(pod.Uid, payload.Text("kubernetes.io", "pod", "uid"));
        var review = await ReviewAsync(world, token);
        Assert.Equal("true", review.At("status", "authenticated")?.ToJsonString());
        var extra = review.At("status", "user", "extra")!;
        Assert.Equal(pod.Name, extra.At("authentication.kubernetes.io/pod-name")![0].Text());

        await world.Http.DeleteAsync($"/api/v1/namespaces/ci/pods/{pod.Name}", null, Cancel);
        await pool.UntilAsync("the pod is gone", () => pod.GoneAt is not null);
        // The server remembers for ten seconds whom it has let in.
        await pool.UntilAsync("its token is worth nothing", async () =>
            (await ReviewAsync(world, token)).At("status", "authenticated")?.ToJsonString() != "true");
    }

    private static Task<JsonObject> ReviewAsync(World world, string token) => world.Http.PostAsync(
        "/apis/authentication.k8s.io/v1/tokenreviews",
        new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["audiences"] = new JsonArray("runnerscaler"), ["token"] = token },
        },
        Cancel);

    private async Task PrintAsync(World world, string pool, PodStory pod, Job job)
    {
        var queued = job.QueuedAt!.Value;
        string After(DateTimeOffset? at) =>
            (at!.Value - queued).TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture);
        output.WriteLine($"the node was ready after {world.Node.BringUp.TotalSeconds:0.0} s");
        output.WriteLine(
            $"from the job's being queued: pod created {After(pod.CreatedAt)}, running {After(pod.RunningAt)}, job "
            + $"started {After(job.StartedAt)}, job ended {After(job.CompletedAt)}, container ended "
            + $"{After(pod.EndedAt)}, pod gone {After(pod.GoneAt)}");
        output.WriteLine($"it said {pod.End.Message}");
        foreach (var phase in (string[])["detect", "create", "schedule", "start", "claim", "register", "assign", "job"])
        {
            var seconds = await world.Metrics.SumAsync(
                "runnerscaler_runner_phase_seconds_sum", ("pool", pool), ("phase", phase));
            output.WriteLine($"{phase,-10}{seconds.ToString("0.000", CultureInfo.InvariantCulture)} s");
        }
    }
}
