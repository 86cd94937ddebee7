using System.Text.Json.Nodes;
using RunnerScaler.Hosting;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Whole;

/// <summary>
/// What <c>helm uninstall</c> does first, <c>remove-pools</c>, and what <c>helm test</c> does, <c>check-pools</c>:
/// beside a whole controller.
/// </summary>
public sealed class PoolRemovalTests
{
    private const string Release = "ops/tried";
    private const string Hook = "hook";

    private static readonly string PoolPath =
        $"/apis/runnerscaler.io/v1alpha1/namespaces/{ClusterBox.Namespace}/runnerpools";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunnersWithoutAJobGoAndAJobEndsInPeace()
    {
        await using var box = await OpenAsync(standby: 2);
        await box.StartReadyAsync();
        box.Queue(seconds: 20);
        await box.HoldsAsync("the job runs, and two wait", () => Jobs(box, JobStatus.InProgress) == 1
            && Pods(box).Count() == 3 && Protected(box) == 1);

        var (code, said) = await RemoveAsync(box, "--within=60s");
        Assert.Equal(0, code);
        Assert.StartsWith("Removed the pools of the release tried in ops: ci/linux.", said, StringComparison.Ordinal);
        Assert.Contains("1 pods run a job, and end with it: ci/linux-", said, StringComparison.Ordinal);
        await box.HoldsAsync("one pod is left", () => Pods(box).Count() == 1);
        Assert.Equal(1, Jobs(box, JobStatus.InProgress));
        Assert.Single(box.Organization.RunnersOf(GitHubBox.Owner));
        await box.HoldsAsync("the job ends well", () =>
            box.Organization.Statistics().CompletedTotal == 1 && Conclusions(box).Single() == JobConclusion.Success);
        await box.HoldsAsync("nothing is left", () =>
            !Pods(box).Any() && box.Organization.RunnersOf(GitHubBox.Owner).Count == 0);
    }

    [Fact]
    public async Task WhetherPoolsAreReadyIsTold()
    {
        await using var box = await OpenAsync();
        var (code, said) = await RunAsync(box, "check-pools", "--within=1s");
        Assert.Equal((1, "ci/linux has no condition Ready: no controller has looked at it."), (code, said.Trim()));
        await box.StartAsync();
        (code, said) = await RunAsync(box, "check-pools", "--within=60s");
        Assert.Equal(0, code);
        Assert.StartsWith("ci/linux is ready: Serving: ", said, StringComparison.Ordinal);
        box.Access.User = Hook;
        box.Access.TakeAway(new LostRight("list", "runnerpools"));
        (code, said) = await RunAsync(box, "check-pools", "--within=1s");
        Assert.Equal(1, code);
        Assert.StartsWith("The API server does not list runnerpools: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PoolsOfOthersStayAndAreTold()
    {
        await using var box = await OpenAsync(release: "ops/another");
        await box.StartReadyAsync();
        var (code, said) = await RemoveAsync(box, "--within=30s");
        Assert.Equal(0, code);
        Assert.StartsWith("The release tried in ops has no pools.", said, StringComparison.Ordinal);
        Assert.Contains("1 pools are not the release's and stay: ci/linux.", said, StringComparison.Ordinal);
        await box.UntilAsync("Ready", "True", "Serving");
    }

    [Fact]
    public async Task WithoutAControllerItEndsInTimeAndSaysWhatStays()
    {
        await using var box = await OpenAsync(standby: 2, idle: 1);
        await box.StartReadyAsync();
        await box.HoldsAsync("one runner waits at GitHub", () => Online(box) == 1 && Pods(box).Count() == 3);
        await box.StopControllerAsync();

        var start = TimeProvider.System.GetTimestamp();
        var (code, said) = await RemoveAsync(box, "--within=5s", "--best-effort=true");
        Assert.Equal(0, code);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(40));
        // Pods without an identity are the garbage collector's.
        Assert.Contains("1 pods without a job are still there after 5 s: ci/linux-", said, StringComparison.Ordinal);
        Assert.Contains("Settings > Actions > Runners", said, StringComparison.Ordinal);
        Assert.Equal(1, Online(box));
    }

    [Fact]
    public async Task WithoutGitHubItEndsInTimeAndSaysWhatStays()
    {
        await using var box = await OpenAsync(idle: 1);
        await box.StartReadyAsync();
        await box.HoldsAsync("one runner waits at GitHub", () => Online(box) == 1);
        box.Faults.Plan = new FaultPlan { ServerErrorShare = 1 };
        var (code, said) = await RemoveAsync(box, "--within=5s");
        Assert.Equal(1, code);
        Assert.Contains("1 pods without a job are still there after 5 s: ci/linux-", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list", "runnerpools", "The API server does not list runnerpools: ")]
    [InlineData("delete", "runnerpools", "The API server does not delete the RunnerPool ci/linux: ")]
    [InlineData("list", "pods", "The API server does not list pods: ")]
    public async Task WithoutARightItEndsAtOnceAndSaysWhich(string verb, string resource, string sentence)
    {
        await using var box = await OpenAsync(standby: 1);
        box.Access.User = Hook;
        box.Access.TakeAway(new LostRight(verb, resource));
        var start = TimeProvider.System.GetTimestamp();
        var (code, said) = await RemoveAsync(box, "--within=1h");
        Assert.Equal(1, code);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Contains(sentence, said, StringComparison.Ordinal);
        Assert.Contains("What is left was not seen", said, StringComparison.Ordinal);
    }

    private static async Task<ControllerBox> OpenAsync(int standby = 0, int idle = 0, string release = Release)
    {
        var box = await ControllerBox.OpenAsync(new()
        {
            Pool = new() { MaxRunners = 5, Standby = standby, Builder = "None", IdleSeconds = 60 },
        });
        await box.EditAsync(new JsonObject { ["warm"] = new JsonObject { ["idle"] = idle } });
        await box.Http.PatchAsync($"{PoolPath}/{ClusterBox.PoolName}", TestCluster.Json($$$"""
            {"metadata":{"annotations":{"meta.helm.sh/release-namespace":"{{{release.Split('/')[0]}}}",
             "meta.helm.sh/release-name":"{{{release.Split('/')[1]}}}"} } }
            """), KubeHttp.MergePatchType, Stop);
        return box;
    }

    private static Task<(int Code, string Said)> RemoveAsync(ControllerBox box, params string[] more) =>
        RunAsync(box, "remove-pools", more);

    private static async Task<(int Code, string Said)> RunAsync(
        ControllerBox box, string command, params string[] more)
    {
        using var said = new StringWriter();
        var code = await ScalerHost.RunAsync(
            [command, $"--release={Release}", $"--Kubernetes:Kubeconfig={box.ConfigOf(Hook)}", .. more],
            said, said);
        return (code, said.ToString());
    }

    private static IEnumerable<StoredObject> Pods(ControllerBox box) =>
        box.Api.Store.List(KnownTypes.Pods, Selector.All).Items;

    private static int Protected(ControllerBox box) => Pods(box).Count(p =>
        p.Value["metadata"]!["annotations"]?["karpenter.sh/do-not-disrupt"] is not null);

    private static int Online(ControllerBox box) =>
        box.Organization.RunnersOf(GitHubBox.Owner).Count(r => r.Online);

    private static int Jobs(ControllerBox box, JobStatus status) =>
        AllJobs(box).Count(j => j.Status == status);

    private static IEnumerable<Job> AllJobs(ControllerBox box) =>
        box.Organization.RunsOf($"{GitHubBox.Owner}/{ControllerBox.Repository}")
            .SelectMany(run => box.Organization.JobsOf(run.Id));

    private static IEnumerable<JobConclusion?> Conclusions(ControllerBox box) => AllJobs(box).Select(j => j.Conclusion);
}
