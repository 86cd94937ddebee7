using System.Reflection;
using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Whole;

/// <summary>Faults of the cluster and of a pool, each made on purpose, and what <c>doctor</c> finds.</summary>
public sealed class DoctorFaultTests
{
    private const string Pool = "pool ci/linux: ";
    private const string Definition =
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/runnerpools.runnerscaler.io";

    private readonly DoctorRun doctor = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>No check is in the page that no test has seen to find something, and none is tested alone.</summary>
    [Fact]
    public void EveryCheckOfThePageIsSeenToFindAFault()
    {
        var seen = typeof(DoctorFaultTests).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .SelectMany(m => m.GetCustomAttribute<FindsAttribute>()?.Checks ?? []);
        var page = File.ReadLines(Path.Combine(Example.Root, "docs", "doctor.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => line.Split('|')[1].Split(',', StringSplitOptions.TrimEntries))
            .Select(name => name.Trim('`'));
        Assert.Equal(page.Order(StringComparer.Ordinal), seen.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    [Finds("cluster", "definition", "nodes", "pools")]
    public async Task OfTheClusterItSaysWhatIsMissing()
    {
        await using var box = await ControllerBox.OpenAsync();
        box.Access.TakeAway(new LostRight("list", "nodes"));
        await box.StartReadyAsync();
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        await doctor.FoundAsync(box, 1, "warning   nodes: The nodes cannot be read", "the verb 'list' on 'nodes'");

        await box.Http.DeleteAsync(
            $"/apis/runnerscaler.io/v1alpha1/namespaces/{ClusterBox.Namespace}/runnerpools/{ClusterBox.PoolName}",
            null, Stop);
        await doctor.FoundAsync(box, 1, "warning   pools: There is no RunnerPool", "→ Make one");
        await box.Http.DeleteAsync(Definition, null, Stop);
        await doctor.FoundAsync(box, 2, "failure   definition: ", "→ Install the chart, or run apply-crds");

        var config = box.ConfigOf("lost");
        await File.WriteAllTextAsync(config, (await File.ReadAllTextAsync(config, Stop)).Replace(
            $":{box.ApiAddress.Port}", ":1", StringComparison.Ordinal), Stop);
        var (code, output) = await DoctorRun.RunAsync(config);
        Assert.Equal(2, code);
        Assert.StartsWith("failure   cluster: The cluster does not answer", output, StringComparison.Ordinal);
        doctor.Note(output);
        doctor.AssertDone();
    }

    [Fact]
    [Finds("capacity", "deploy", "reading", "spec")]
    public async Task OfAPoolItSaysWhatIsWrong()
    {
        await using var box = await DoctorRun.ReadyAsync();
        await box.EditAsync(new JsonObject { ["limits"] = new JsonObject { ["maxRunners"] = 1 } });
        var run = box.Queue(seconds: 600, jobs: 3);
        await doctor.FoundAsync(box, 1, $"warning   capacity: {Pool}", "→ Raise spec.limits.maxRunners");
        box.Organization.CancelRun(run.Id);
        await doctor.FoundAsync(box, 0, $"ok        pools: {Pool}", "");

        await box.Http.PostAsync(
            $"/api/v1/namespaces/{ClusterBox.Namespace}/serviceaccounts", TestCluster.Named("deployer"), Stop);
        await box.EditAsync(new JsonObject { ["deploy"] = new JsonObject { ["serviceAccountName"] = "deployer" } });
        box.Organization.AddRepository($"{GitHubBox.Owner}/open", isPrivate: false);
        await doctor.FoundAsync(box, 1, $"warning   deploy: {Pool}", "anyone can open a pull request");

        box.Faults.Plan = new() { Standing = [new("/actions/runs?", RestFault.ServerError)] };
        await doctor.FoundAsync(box, 2, $"failure   reading: {Pool}", "→ See whether the controller's way to GitHub");
        box.Faults.Plan = FaultPlan.None;
        await box.EditAsync(new JsonObject { ["labels"] = new JsonArray("self-hosted", "linux", "LINUX") });
        await doctor.FoundAsync(box, 2, $"failure   spec: {Pool}", "→ Correct the field that is named.");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("pods", "runners")]
    public async Task OfRunnersThatEndBadlyItSaysHow()
    {
        await using var box = await DoctorRun.ReadyAsync(new()
        {
            Program = runner => new ExitingProgram(runner, () => 1),
        });
        box.Queue(jobs: 4);
        await doctor.FoundAsync(box, 2, $"failure   pods: {Pool}", "Pods of this pool end before they take a job");
        await doctor.FoundAsync(box, null, $"warning   runners: {Pool}", "ended badly, the last one as Failed");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("images")]
    public async Task OfImagesThatCannotBePulledItSaysWhich()
    {
        await using var box = await DoctorRun.ReadyAsync(new()
        {
            Nodes = new BoxShape().Nodes with { ImageMissingShare = 1 },
        });
        box.Queue();
        await doctor.FoundAsync(box, 1, $"warning   images: {Pool}An image cannot be pulled", "→ Correct the image");
        doctor.AssertDone();
    }

    [Fact]
    [Finds("builder")]
    public async Task OfTheBuilderItSaysWhatIsMissing()
    {
        await using var box = await ControllerBox.OpenAsync(new()
        {
            Pool = new() { MaxRunners = 5, Standby = 0, IdleSeconds = 10 },
            Options = new() { ["Kubernetes:BuilderImage"] = "" },
        });
        await box.StartAsync();
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        await doctor.FoundAsync(box, 2, $"failure   builder: {Pool}", "→ Do what the sentence says");
        doctor.AssertDone();
    }
}
