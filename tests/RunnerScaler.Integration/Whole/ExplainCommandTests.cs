using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Hosting;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Scenario;

namespace RunnerScaler.Integration.Whole;

/// <summary>
/// <c>runnerscaler explain</c> as people at a laptop have it: their kubeconfig, the API server's proxy, a whole
/// controller behind it.
/// </summary>
public sealed class ExplainCommandTests
{
    [Fact]
    public async Task AllThatCanBeAskedForIsAnsweredThroughTheApiServer()
    {
        await using var box = await ControllerBox.OpenAsync(new BoxShape
        {
            Pool = new PoolSettings { MaxRunners = 1, Standby = 1, Builder = "None", IdleSeconds = 10 },
        });
        await box.StartReadyAsync();
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        var run = box.Queue(1, 1, "linux", "gpu");
        var job = box.Organization.JobsOf(run.Id)[0].Id;
        var repository = $"{box.GitHub.OrganizationUrl}/{ControllerBox.Repository}";

        await HoldsAsync(box, "the job is told", "NoPoolMatches", $"{repository}/actions/runs/{run.Id}/job/{job}");
        foreach (var (asked, says) in new[]
        {
            ($"{repository}/actions/runs/{run.Id}", "'gpu'"),
            ($"{GitHubBox.Owner}/{ControllerBox.Repository}#{run.Id}", "'gpu'"),
            ($"{ClusterBox.Namespace}/{ClusterBox.PoolName}", $"Pool {ClusterBox.Namespace}/{ClusterBox.PoolName}"),
            ($"{ClusterBox.Namespace}/{ClusterBox.PoolName}-0", $"Pod {ClusterBox.Namespace}/{ClusterBox.PoolName}-0"),
        })
            await HoldsAsync(box, asked, says, asked);

        var (code, output, error) = await ExplainAsync(box, $"{repository}/actions/runs/{run.Id}/job/{job}", "--json");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(job, (long)JsonNode.Parse(output)!["id"]!);
    }

    [Fact]
    public async Task WhatCannotBeToldIsASentence()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        await RefusedAsync(box, "No controller was found in the cluster", "ci/linux");
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        await RefusedAsync(box, "No pool that you may read serves a/b at https://ghes.example.com",
            "https://ghes.example.com/a/b/actions/runs/7");
        await RefusedAsync(box, "No job 7 is known",
            $"{box.GitHub.OrganizationUrl}/{ControllerBox.Repository}/actions/runs/7/job/7");
        await RefusedAsync(box, "There is no pool 'ci/nothing' that you may read", "ci/nothing");
        await RefusedAsync(box, "There is no Service x/y: ", "ci/linux", "--controller=x/y");
        await RefusedAsync(box, "A token for the ServiceAccount x/y cannot be made: ", "ci/linux",
            "--service-account=x/y");

        await box.ServeAtServiceAsync("other", new Uri("http://127.0.0.1:1"));
        await RefusedAsync(box, "There are 2 controllers: runnerscaler/other, runnerscaler/runnerscaler", "ci/linux");
        await RefusedAsync(box, "The API server does not reach the controller runnerscaler/other: ", "ci/linux",
            "--controller=runnerscaler/other");
        box.Access.TakeAway(new LostRight("get", "runnerpools") { User = "jane" });
        await RefusedAsync(box, "There is no pool 'ci/linux' that you may read", "ci/linux",
            "--controller=runnerscaler/runnerscaler");
        box.Access.TakeAway(new LostRight("get", "services/proxy") { User = "jane" });
        await RefusedAsync(box, "You may not ask the controller through the API server: ", "ci/linux",
            "--controller=runnerscaler/runnerscaler");
        box.Access.TakeAway(new LostRight("list", "services", null) { User = "jane" });
        await RefusedAsync(box, "No controller was found in 'default' or 'runnerscaler'", "ci/linux");
        await RefusedAsync(box, "The controller cannot be looked for: the API server at 127.0.0.1:1 ", "ci/linux",
            $"--Kubernetes:Kubeconfig={ConfigOfNothing(box)}");
    }

    [Fact]
    public async Task AReplicaThatDoesNotLeadIsAsGoodAsTheOneThatDoes()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        var other = await box.StartAnotherAsync();
        await box.ServeAtServiceAsync("runnerscaler", other);
        await HoldsAsync(box, "the follower passes it on", "Pool ci/linux", "ci/linux");
    }

    /// <summary>A service account that may read the pools is as good as a person, for those without a token.</summary>
    [Fact]
    public async Task AServiceAccountCanBeAskedAs()
    {
        await using var box = await ControllerBox.OpenAsync();
        await box.StartReadyAsync();
        await box.ServeAtServiceAsync("runnerscaler", box.Web);
        box.Access.TakeAway(new LostRight("get", "runnerpools") { User = "jane" });
        var (code, output, error) = await ExplainAsync(
            box, "ci/linux", $"--service-account={ClusterBox.Namespace}/default");
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("Pool ci/linux", output, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(ControllerBox box, string sentence, params string[] arguments)
    {
        var (code, output, error) = await ExplainAsync(box, arguments);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static Task HoldsAsync(ControllerBox box, string what, string says, string asked) =>
        box.HoldsAsync(what, () =>
            ExplainAsync(box, asked).GetAwaiter().GetResult().Output.Contains(says, StringComparison.Ordinal));

    private static async Task<(int Code, string Output, string Error)> ExplainAsync(
        ControllerBox box, params string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var code = await ScalerHost.RunAsync(
            ["explain", $"--Kubernetes:Kubeconfig={box.ConfigOf("jane")}", .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string ConfigOfNothing(ControllerBox box)
    {
        var config = box.ConfigOf("nobody");
        File.WriteAllText(config, File.ReadAllText(config).Replace(
            $":{box.ApiAddress.Port}", ":1", StringComparison.Ordinal));
        return config;
    }
}
