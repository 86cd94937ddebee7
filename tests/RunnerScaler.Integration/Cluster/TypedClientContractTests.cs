using k8s;
using k8s.Autorest;
using k8s.Models;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Cluster;

/// <summary>What an ordinary typed client does with an ordinary kubeconfig.</summary>
public sealed class TypedClientContractTests(ClusterFixture clusters)
{
    public static TheoryData<string> Servers => ClusterFixture.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task APodIsCreatedListedWatchedAndDeleted(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var core = cluster.Typed.CoreV1;
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "a", Labels = new Dictionary<string, string> { ["x"] = "y" } },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "runner", Image = "runner:1" }] },
        };
        var created = await core.CreateNamespacedPodAsync(pod, cluster.Namespace, cancellationToken: Stop);
        var list = await core.ListNamespacedPodAsync(cluster.Namespace, labelSelector: "x=y", cancellationToken: Stop);
        Assert.Equal(created.Uid(), Assert.Single(list.Items).Uid());

        var deleted = await core.DeleteNamespacedPodAsync("a", cluster.Namespace, cancellationToken: Stop);
        Assert.Equal(created.Uid(), deleted.Uid());
        var seen = new List<WatchEventType>();
        await foreach (var (type, item) in core.WatchListNamespacedPodAsync(
            cluster.Namespace, resourceVersion: list.ResourceVersion(), onError: e => throw e, cancellationToken: Stop))
        {
            Assert.Equal("a", item.Name());
            seen.Add(type);
            if (type == WatchEventType.Deleted)
                break;
        }
        Assert.Equal([WatchEventType.Modified, WatchEventType.Deleted], seen);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task AStrangerIsUnauthorized(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        cluster.Typed.HttpClient.DefaultRequestHeaders.Authorization = null;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(cluster.Typed.BaseUri, cluster.Pods));
        request.Headers.Authorization = new("Bearer", "wrong");
        using var answer = await cluster.Typed.HttpClient.SendAsync(request, Stop);
        Assert.Equal(401, (int)answer.StatusCode);
        Assert.Contains("\"reason\":\"Unauthorized\"", await answer.Content.ReadAsStringAsync(Stop),
            StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task ARefusalIsATypedException(string server)
    {
        using var cluster = await clusters.OpenAsync(server);
        var failure = await Assert.ThrowsAsync<HttpOperationException>(
            () => cluster.Typed.CoreV1.ReadNamespacedPodAsync("nobody", cluster.Namespace, cancellationToken: Stop));
        Assert.Equal(404, (int)failure.Response.StatusCode);
        var version = await cluster.Typed.Version.GetCodeAsync(Stop);
        Assert.Equal("1", version.Major);
    }
}
