using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>
/// The writes of nodes and scheduler. What can pass is tried again until it does: 5xx, 429, broken connections.
/// </summary>
internal sealed class NodeRequests(KubeHttp http, TimeProvider time, SharedRandom random)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Reports a pod's status; false when the pod is gone or is another now.</summary>
    public Task<bool> ReportAsync(PodFacts pod, JsonObject status, CancellationToken stop) => TryAsync(() =>
        http.PatchAsync($"{Path(pod)}/status", new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Uid },
            ["status"] = status.DeepClone(),
        }, KubeHttp.StrategicPatchType, stop), stop);

    /// <summary>Removes a pod, as a kubelet confirms that it is gone from the node.</summary>
    public Task<bool> RemoveAsync(PodFacts pod, CancellationToken stop) => TryAsync(() =>
        http.DeleteAsync(Path(pod), new JsonObject
        {
            ["gracePeriodSeconds"] = 0,
            ["preconditions"] = new JsonObject { ["uid"] = pod.Uid },
        }, stop), stop);

    /// <summary>Binds a pod to a node; false when it is gone or bound already.</summary>
    public Task<bool> BindAsync(PodFacts pod, string node, CancellationToken stop) => TryAsync(() =>
        http.PostAsync($"{Path(pod)}/binding", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject { ["name"] = pod.Name, ["uid"] = pod.Uid },
            ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node },
        }, stop), stop);

    /// <summary>Makes or renews a node object that is ready and has its capacity.</summary>
    public async Task AddNodeAsync(NodeShape node, CancellationToken stop)
    {
        var labels = new JsonObject(
            node.Labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)JsonValue.Create(l.Value))));
        await TryAsync(() => http.PostAsync("/api/v1/nodes", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = node.Name, ["labels"] = labels.DeepClone() },
        }, stop), stop);
        await SetNodeAsync(node, "True", "KubeletReady", stop);
    }

    /// <summary>Reports a node's capacity and whether it is ready.</summary>
    public Task<bool> SetNodeAsync(NodeShape node, string ready, string reason, CancellationToken stop)
    {
        var capacity = new JsonObject
        {
            ["cpu"] = $"{(long)(node.Capacity.Cpu * 1000)}m",
            ["memory"] = $"{(long)node.Capacity.Memory}",
            ["pods"] = $"{node.Capacity.Pods}",
        };
        var status = new JsonObject { ["capacity"] = capacity, ["allocatable"] = capacity.DeepClone() };
        DescribeTo(status, node);
        Conditions.Set(status, "Ready", ready, reason, null, time.GetUtcNow());
        return TryAsync(() => http.PatchAsync($"/api/v1/nodes/{node.Name}/status",
            new JsonObject { ["status"] = status.DeepClone() }, KubeHttp.StrategicPatchType, stop), stop);
    }

    /// <summary>What kubelets of today say of their nodes; the default runtime handler has no name.</summary>
    private static void DescribeTo(JsonObject status, NodeShape node)
    {
        status["nodeInfo"] = new JsonObject
        {
            ["operatingSystem"] = node.Labels.GetValueOrDefault("kubernetes.io/os", "linux"),
            ["architecture"] = node.Labels.GetValueOrDefault("kubernetes.io/arch", "amd64"),
            ["kernelVersion"] = node.Kernel,
            ["kubeletVersion"] = node.Kubelet,
            ["containerRuntimeVersion"] = "containerd://2.3.4",
        };
        status["runtimeHandlers"] = new JsonArray(new JsonObject
        {
            ["name"] = "",
            ["features"] = new JsonObject
            {
                ["recursiveReadOnlyMounts"] = true,
                ["userNamespaces"] = node.HasUserNamespaces,
            },
        });
    }

    public Task<bool> RemoveNodeAsync(string node, CancellationToken stop) =>
        TryAsync(() => http.DeleteAsync($"/api/v1/nodes/{node}", null, stop), stop);

    private static string Path(PodFacts pod) => $"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}";

    private async Task<bool> TryAsync(Func<Task<JsonObject>> request, CancellationToken stop)
    {
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await request();
                return true;
            }
            catch (KubeFailure e) when (e.Code is 404 or 409)
            {
                return false;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or KubeFailure { Code: >= 500 or 429 })
            {
                await Task.Delay(pause * (0.5 + random.Next()), time, stop);
            }
        }
    }
}
