using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Whole;
using RunnerScaler.Protocol;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Api;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Integration.Monitoring;

/// <summary>
/// A run in which all happens that dashboards show, and a Prometheus that has scraped it: jobs of a pool; a second one
/// that GitHub refuses, and a third whose cache is missing; builds that succeed and fail; more jobs than runners; one
/// that no pool matches; a runner that is killed and one that is deleted; a right that is missing; cut watches;
/// a GitHub that fails now and then.
/// </summary>
internal sealed class WatchedRun : IAsyncDisposable
{
    private readonly ControllerBox box;
    private readonly WebApplication others;
    private readonly CancellationTokenSource stop = new();
    private Task traffic = Task.CompletedTask;

    private WatchedRun(ControllerBox box, WebApplication others, PrometheusServer prometheus) =>
        (this.box, this.others, Prometheus) = (box, others, prometheus);

    public PrometheusServer Prometheus { get; }

    public static async Task<WatchedRun> StartAsync()
    {
        _ = PrometheusTools.Server;
        var box = await ControllerBox.OpenAsync(
            new() { Pool = new() { MaxRunners = 4, Standby = 1, Builder = "None", IdleSeconds = 10 } });
        await AddRefusedPoolAsync(box);
        await AddPoolWithoutCacheAsync(box);
        box.Faults.Plan = new() { ServerErrorShare = 0.03, LatencyMax = TimeSpan.FromMilliseconds(20) };
        await box.StartAsync();
        var others = await ServeOthersAsync();
        var prometheus = await PrometheusServer.StartAsync(box.Web, new(others.Urls.Single()));
        var run = new WatchedRun(box, others, prometheus);
        box.Access.TakeAway(new LostRight("create", "events"));
        box.Queue(labels: "none-of-ours");
        run.traffic = run.KeepBusyAsync();
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await traffic;
        await Prometheus.DisposeAsync();
        await others.DisposeAsync();
        await box.DisposeAsync();
        stop.Dispose();
    }

    private async Task KeepBusyAsync()
    {
        box.Queue(seconds: 1, jobs: 8);
        for (var round = 0; !stop.IsCancellationRequested; round++)
        {
            box.Organization.QueueRun($"{GitHubBox.Owner}/{ControllerBox.Repository}", Round(round));
            if (round % 5 == 2)
                await DeleteOneAsync();
            if (round == 3)
                box.Api.Faults.CutWatches();
            await Task.Delay(TimeSpan.FromSeconds(1), stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static WorkflowSpec Round(int round) => new("ci", new JobSpec("build")
    {
        RunsOn = ["self-hosted", "linux"],
        Duration = TimeSpan.FromSeconds(0.3),
        KillsRunner = round % 10 == 4,
        Builds =
        [
            new(BuildCommand.Build, round % 3 == 0 ? BuildResult.Failure : BuildResult.Success,
                TimeSpan.FromSeconds(12.5), 9, 4),
            new(BuildCommand.Bake, round % 4 == 0 ? BuildResult.Canceled : BuildResult.Success,
                TimeSpan.FromSeconds(31), 20, 18),
        ],
    });

    /// <summary>As somebody with kubectl would.</summary>
    private async Task DeleteOneAsync()
    {
        var path = $"/api/v1/namespaces/{ClusterBox.Namespace}/pods";
        var pods = (await box.Http.GetAsync(path, CancellationToken.None))["items"]!.AsArray();
        if (pods.LastOrDefault()?["metadata"]?["name"] is not { } name)
            return;
        try
        {
            await box.Http.DeleteAsync($"{path}/{name}", null, CancellationToken.None);
        }
        catch (KubeFailure gone) when (gone.Code == 404)
        {
            // It was quicker.
        }
    }

    /// <summary>A second pool, whose token GitHub does not accept.</summary>
    private static async Task AddRefusedPoolAsync(ControllerBox box)
    {
        var secret = TestCluster.Named("refused");
        secret["data"] = new JsonObject { ["token"] = Convert.ToBase64String(Encoding.ASCII.GetBytes("ghp_expired")) };
        await box.Http.PostAsync($"/api/v1/namespaces/{ClusterBox.Namespace}/secrets", secret, CancellationToken.None);
        var spec = ClusterBox.Spec(
            box.GitHub.OrganizationUrl, new() { Labels = ["self-hosted", "arm64"], Standby = 0, Builder = "None" });
        spec["github"]!["credentialsSecret"] = "refused";
        await box.Box.AddPoolAsync("arm", spec, CancellationToken.None);
    }

    private static Task AddPoolWithoutCacheAsync(ControllerBox box)
    {
        var spec = ClusterBox.Spec(
            box.GitHub.OrganizationUrl, new() { Labels = ["self-hosted", "cached"], Standby = 0 });
        spec["builder"]!["cache"] = new JsonObject
        {
            ["kind"] = "Slot",
            ["size"] = "1Gi",
            ["storageClass"] = "none-such",
        };
        return box.Box.AddPoolAsync("cached", spec, CancellationToken.None);
    }

    private static async Task<WebApplication> ServeOthersAsync()
    {
        var samples = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Monitoring", "other-exporters.txt"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet("/metrics", () => samples);
        await app.StartAsync();
        return app;
    }
}
