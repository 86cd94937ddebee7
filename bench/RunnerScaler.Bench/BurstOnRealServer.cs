using System.Text.Json.Nodes;
using k8s;
using RunnerScaler.Kubernetes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Bench;

/// <summary>
/// Many jobs at once, the controller as a process of its own, and a real kube-apiserver; then the same pods again by a
/// bare loop, over the same client. There are no nodes, so no pod starts: what is measured is how fast pods come to be.
/// </summary>
internal sealed class BurstOnRealServer(int jobs, TimeProvider time)
{
    private const int SideBySide = 16;

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task<Figures> RunAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("runnerscaler-bench-");
        await using var server = await RealApiServer.StartAsync(time, stop: cancel);
        await using var gitHub = await GitHubBox.StartAsync(
            ["app"], time, new Random(1), new RestFaults(new Random(2)));
        using var client = KubeHttp.Connect(server.KubeConfigPath);
        var cluster = new ClusterBox(client);
        await cluster.InstallAsync(gitHub, new() { MaxRunners = jobs, Standby = 0, Builder = "None" }, time, cancel);
        await using var controller = ControllerProcess.Start(server.KubeConfigPath, folder.FullName);
        await controller.WaitUntilReadyAsync(time, cancel);

        using var api = new ApiServer(new(client.BaseUri, client.HttpClient, (request, stop) =>
            client.Credentials?.ProcessHttpRequestAsync(request, stop) ?? Task.CompletedTask, client), time);
        var (idleMemory, idleProcessor) = await IdleAsync(controller, cancel);
        var before = controller.ProcessorTime;
        var arrivals = await MeasureAsync("", () => Task.Run(() => Queue(gitHub.Organization)), server, cancel);
        await Task.Delay(TimeSpan.FromSeconds(3), time, cancel);
        controller.Sample();
        var shape = await ShapeAsync(api, cancel);
        await controller.StopAsync(time);
        var bare = await MeasureAsync("bare", () => CreateAllAsync(api, shape, cancel), server, cancel);

        var (rate, bareRate) = (Rate(arrivals), Rate(bare));
        return new(
            jobs, Round(arrivals[0]), Round(rate), Round(bareRate), Math.Round(rate / bareRate, 2),
            MiB(idleMemory), Round(idleProcessor.TotalMilliseconds * (60 / IdleTime.TotalSeconds)),
            MiB(controller.PeakMemory), Round((controller.ProcessorTime - before).TotalMilliseconds / jobs));
    }

    private async Task<(long Memory, TimeSpan Processor)> IdleAsync(
        ControllerProcess controller, CancellationToken cancel)
    {
        await Task.Delay(TimeSpan.FromSeconds(5), time, cancel);
        controller.Sample();
        var before = controller.ProcessorTime;
        await Task.Delay(IdleTime, time, cancel);
        controller.Sample();
        return (controller.PeakMemory, controller.ProcessorTime - before);
    }

    private void Queue(Organization organization)
    {
        for (var left = jobs; left > 0; left -= 100)
            organization.QueueRun($"{GitHubBox.Owner}/app", new WorkflowSpec("burst", new JobSpec("build")
            {
                Matrix = [.. Enumerable.Range(1, Math.Min(100, left)).Select(i => $"{i}")],
            }));
    }

    /// <summary>
    /// When each new pod whose name holds the word was seen by a watch, in seconds from the start of the action.
    /// </summary>
    private async Task<double[]> MeasureAsync(
        string word, Func<Task> action, RealApiServer server, CancellationToken cancel)
    {
        using var watching = new k8s.Kubernetes(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(server.KubeConfigPath));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        var seen = new List<double>();
        var version = (await watching.CoreV1.ListNamespacedPodAsync(ClusterBox.Namespace, cancellationToken: cancel))
            .Metadata.ResourceVersion;
        var began = time.GetTimestamp();
        var acting = action();
        await foreach (var (type, pod) in watching.CoreV1.WatchListNamespacedPodAsync(
            ClusterBox.Namespace, resourceVersion: version, onError: e => throw e, cancellationToken: patience.Token)
            .WithCancellation(patience.Token))
        {
            if (type == WatchEventType.Added && pod.Metadata.Name.Contains(word, StringComparison.Ordinal))
                seen.Add(time.GetElapsedTime(began).TotalSeconds);
            if (seen.Count == jobs)
                break;
        }
        await acting;
        return [.. seen];
    }

    /// <summary>A pod as the controller made it, without what the server added.</summary>
    private static async Task<JsonNode> ShapeAsync(ApiServer api, CancellationToken cancel)
    {
        var answer = await api.GetAsync(ResourcePaths.Pod(ClusterBox.Namespace, $"{ClusterBox.PoolName}-0"), cancel);
        var pod = JsonNode.Parse(answer.Root!.Value.GetRawText())!;
        pod.AsObject().Remove("status");
        foreach (var added in (string[])["uid", "resourceVersion", "creationTimestamp", "managedFields"])
            pod["metadata"]!.AsObject().Remove(added);
        return pod;
    }

    private async Task CreateAllAsync(ApiServer api, JsonNode shape, CancellationToken cancel)
    {
        var next = -1;
        async Task CreateAsync()
        {
            while (Interlocked.Increment(ref next) is var i && i < jobs)
            {
                var pod = shape.DeepClone();
                pod["metadata"]!["name"] = $"bare-{i}";
                await api.SendAsync(HttpMethod.Post, ResourcePaths.Pods(ClusterBox.Namespace), pod, cancel);
            }
        }
        await Task.WhenAll(Enumerable.Range(0, SideBySide).Select(_ => CreateAsync()));
    }

    private double Rate(double[] seen) => (jobs - 1) / Math.Max(0.001, seen[^1] - seen[0]);

    private static double MiB(long bytes) => Math.Round(bytes / 1048576.0, 1);

    private static double Round(double value) => Math.Round(value, 2);
}
