using System.Globalization;
using RunnerScaler.Integration.Node;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using Xunit.Sdk;

namespace RunnerScaler.Integration.Chart;

/// <summary>
/// A release from its installation to its end on a real node: the controller's own image in the cluster, with its
/// service account and the rights that the chart gives it.
/// </summary>
[Collection(NodeTests.Name)]
[Trait("Category", "Node")]
public sealed class ReleaseOnNodeTests(ITestOutputHelper output)
{
    private const int Jobs = 20;

    /// <summary>Says that no other node test is in this run.</summary>
    private const string Alone = "RUNNERSCALER_RELEASE_ON_NODE";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AReleaseServesJobsIsChangedTakenBackAndRemovedAndNoJobIsLost()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Alone) == "1",
            $"its node cannot run beside that of the other node tests: run this class alone, with {Alone}=1");
        _ = Contract.KubeTools.Helm;
        var reason = RealNode.WhyNot() ?? NodeImages.WhyNot();
        if (reason is null && !(await RealApiServer.ReleaseAsync()).IsSupported)
            reason = CrdServer.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
        await using var world = await ReleaseWorld.StartAsync();
        using var first = ChartCopy.Of(1);
        using var second = ChartCopy.Of(2);
        await TryAsync(world, first);
        await InstallAsync(world, first);

        var jobs = Queue(world, Jobs, "held");
        await UntilAsync(world, "all jobs run", () => jobs.All(j => Is(world, j, JobStatus.InProgress)));
        await ReplaceAsync(world, "upgrade", second.Folder, ControllerImage.SecondLimit, jobs);
        await ReplaceAsync(world, "rollback", "1", ControllerImage.FirstLimit, jobs);
        await UninstallAsync(world, jobs);

        world.ReleaseJobs();
        await UntilAsync(world, "all jobs end", () => jobs.All(j => Is(world, j, JobStatus.Completed)));
        Assert.All(jobs, j => Assert.Equal(JobConclusion.Success, world.Organization.FindJob(j.Id)!.Conclusion));
    }

    private static async Task TryAsync(ReleaseWorld world, ChartCopy chart)
    {
        var manifest = await world.HelmAsync(
            "install", ReleaseWorld.Release, chart.Folder, "--values", world.Values(), "--dry-run=client");
        Assert.Contains("kind: RunnerPool", manifest, StringComparison.Ordinal);
        Assert.False(await world.IsDefinedAsync());
    }

    private async Task InstallAsync(ReleaseWorld world, ChartCopy chart)
    {
        await world.DefineAsync();
        var job = Queue(world, 1, "first").Single();
        var start = TimeProvider.System.GetUtcNow();
        await world.HelmAsync(
            "install", ReleaseWorld.Release, chart.Folder, "--values", world.Values(), "--create-namespace");
        var installed = TimeProvider.System.GetUtcNow();
        Assert.Equal(ControllerImage.FirstLimit, await world.LimitAsync());
        Assert.Empty(await world.PodsAsync("app.kubernetes.io/component=apply-crds"));
        await UntilAsync(world, "the first job has run", () => Is(world, job, JobStatus.Completed));
        var done = world.Organization.FindJob(job.Id)!;
        Assert.Equal(JobConclusion.Success, done.Conclusion);
        output.WriteLine($"helm install took {Seconds(installed - start)}; from its start to the first step of the "
            + $"first job {Seconds(done.StartedAt!.Value - start)}");
        await TestAsync(world);
    }

    /// <summary>The doctor has nothing against the release, but a cluster that is older than what is served.</summary>
    private static async Task TestAsync(ReleaseWorld world)
    {
        var refused = "";
        try
        {
            await world.HelmAsync("test", ReleaseWorld.Release);
        }
        catch (InvalidOperationException e)
        {
            refused = e.Message;
        }
        var last = (await world.PodsAsync("app.kubernetes.io/component=test-doctor"))
            .OrderBy(p => p.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).LastOrDefault();
        var said = last?["status"]?["containerStatuses"]?[0]?["state"]?["terminated"]?.Text("message") ?? "";
        string[] expected = world.Node.Release.IsSupported ? [] : ["failure   cluster"];
        var failures = said.Split('\n').Where(l => l.StartsWith("failure", StringComparison.Ordinal))
            .Select(l => l.Split(':')[0]);
        if (!failures.SequenceEqual(expected) || (refused.Length > 0) != (expected.Length > 0))
            throw new XunitException($"{refused}\n{said}\n{await DescribeAsync(world)}");
    }

    private async Task ReplaceAsync(
        ReleaseWorld world, string verb, string target, int limit, IReadOnlyList<Job> jobs)
    {
        var gaps = new LeaderGaps(world);
        var start = TimeProvider.System.GetTimestamp();
        string[] values = verb == "upgrade" ? ["--values", world.Values()] : [];
        await gaps.DuringAsync(() => world.HelmAsync([verb, ReleaseWorld.Release, target, .. values, "--wait"]));
        output.WriteLine($"helm {verb} took {Seconds(TimeProvider.System.GetElapsedTime(start))}; leaders "
            + $"{gaps.Leaders}, longest time without one {Seconds(gaps.Longest)}");
        Assert.Equal(limit, await world.LimitAsync());
        var tag = limit == ControllerImage.FirstLimit ? "1" : "2";
        await UntilAsync(world, "the old controllers are gone", async () =>
            (await world.PodsAsync("app.kubernetes.io/component=controller")).All(p =>
                p["spec"]!["containers"]![0]!.Text("image") == $"{ControllerImage.Registry}/runnerscaler:{tag}"));
        await AssertAllRunAsync(world, jobs);
    }

    private async Task UninstallAsync(ReleaseWorld world, IReadOnlyList<Job> jobs)
    {
        await UntilAsync(world, "one runner waits", () => Task.FromResult(
            world.PodsAsync("runnerscaler.io/pool=linux").Result.Count(IsRunning) == Jobs + 1));
        var start = TimeProvider.System.GetTimestamp();
        await world.HelmAsync("uninstall", ReleaseWorld.Release);
        var took = TimeProvider.System.GetElapsedTime(start);
        output.WriteLine($"helm uninstall took {Seconds(took)}");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(150));
        Assert.True(await world.IsDefinedAsync());
        await AssertAllRunAsync(world, jobs);
        Assert.Equal(Jobs, world.Organization.RunnersOf(GitHubBox.Owner).Count);
        await UntilAsync(world, "the runner that waited, and the controllers, are gone", async () =>
            (await world.PodsAsync("runnerscaler.io/pool=linux")).Count == Jobs
            && (await world.PodsAsync("app.kubernetes.io/component=controller")).Count == 0);
    }

    private static async Task AssertAllRunAsync(ReleaseWorld world, IReadOnlyList<Job> jobs)
    {
        var others = jobs.Select(j => world.Organization.FindJob(j.Id)!)
            .Where(j => j.Status != JobStatus.InProgress)
            .Select(j => $"{j.Key} on {j.Runner?.Name} is {j.Status} ({j.Conclusion}) since {j.CompletedAt:T}")
            .ToList();
        if (others.Count > 0)
            throw new XunitException($"{string.Join('\n', others)}\n{await DescribeAsync(world)}");
    }

    private static bool IsRunning(System.Text.Json.Nodes.JsonObject pod) => pod.Text("status", "phase") == "Running";

    private static IReadOnlyList<Job> Queue(ReleaseWorld world, int count, string name)
    {
        var run = world.Organization.QueueRun(ReleaseWorld.Repository, new WorkflowSpec("ci", new JobSpec(name)
        {
            RunsOn = ["self-hosted"],
            Duration = TimeSpan.FromSeconds(1),
            Matrix = [.. Enumerable.Range(0, count).Select(i => $"{i}")],
        }));
        return world.Organization.JobsOf(run.Id);
    }

    private static bool Is(ReleaseWorld world, Job job, JobStatus status) =>
        world.Organization.FindJob(job.Id)!.Status == status;

    private static Task UntilAsync(ReleaseWorld world, string what, Func<bool> holds) =>
        UntilAsync(world, what, () => Task.FromResult(holds()));

    private static async Task UntilAsync(ReleaseWorld world, string what, Func<Task<bool>> holds)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMinutes(4))
                throw new XunitException($"after 4 min still not so: {what}\n{await DescribeAsync(world)}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
        }
    }

    private static async Task<string> DescribeAsync(ReleaseWorld world) => string.Join('\n', [
        .. (await world.PodsAsync("")).Select(p => $"--- {p.Text("metadata", "name")}: {p["status"]?.ToJsonString()}"),
        world.Node.Describe(),
    ]);

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture);
}
