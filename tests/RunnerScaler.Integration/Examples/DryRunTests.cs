using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Examples;

/// <summary>
/// A real API server takes the examples' objects of Kubernetes' own kinds. It may be an old one that does not know
/// their newest fields and drops them; what fields there are is for <see cref="SchemaTests"/>.
/// </summary>
public sealed class DryRunTests(ClusterFixture cluster)
{
    private static readonly Dictionary<string, string> Places = new()
    {
        ["v1/ConfigMap"] = "/api/v1/namespaces/{0}/configmaps",
        ["v1/Service"] = "/api/v1/namespaces/{0}/services",
        ["v1/ServiceAccount"] = "/api/v1/namespaces/{0}/serviceaccounts",
        ["apps/v1/StatefulSet"] = "/apis/apps/v1/namespaces/{0}/statefulsets",
        ["batch/v1/Job"] = "/apis/batch/v1/namespaces/{0}/jobs",
        ["networking.k8s.io/v1/NetworkPolicy"] = "/apis/networking.k8s.io/v1/namespaces/{0}/networkpolicies",
        ["rbac.authorization.k8s.io/v1/Role"] = "/apis/rbac.authorization.k8s.io/v1/namespaces/{0}/roles",
        ["rbac.authorization.k8s.io/v1/RoleBinding"] = "/apis/rbac.authorization.k8s.io/v1/namespaces/{0}/rolebindings",
    };

    [Fact]
    public async Task ARealApiServerTakesThem()
    {
        using var server = await cluster.OpenAsync(ClusterFixture.Real);
        var taken = 0;
        foreach (var example in Example.All)
            foreach (var body in example.Objects())
                if (Place(body, server.Namespace) is { } place)
                {
                    await TakesAsync(server, example, body, place);
                    taken++;
                }

        Assert.InRange(taken, 10, int.MaxValue);
    }

    [Fact]
    public async Task AMistakeWouldBeRefused()
    {
        using var server = await cluster.OpenAsync(ClusterFixture.Real);
        var wrong = Example.Of("deploy/examples/kaniko/git.yaml").With("restartPolicy: Never", "restartPolicy: Always");
        var body = wrong.Objects().Single();

        await TestCluster.RefusalAsync(422, "Invalid",
            () => server.Http.PostAsync(Place(body, server.Namespace)!, Here(body, server), TestCluster.Stop));
    }

    private static async Task TakesAsync(TestCluster server, Example example, JsonObject body, string place)
    {
        try
        {
            await server.Http.PostAsync(place, Here(body, server), TestCluster.Stop);
        }
        catch (KubeFailure failure)
        {
            Assert.Fail($"{example.Name}, {body["kind"]}: {failure.Message}");
        }
    }

    private static string? Place(JsonObject body, string ns) =>
        Places.TryGetValue($"{body["apiVersion"]}/{body["kind"]}", out var place)
            ? string.Format(null, place, ns) + "?dryRun=All"
            : null;

    /// <summary>The object in the test's own namespace.</summary>
    private static JsonObject Here(JsonObject body, TestCluster server)
    {
        body["metadata"]!["namespace"] = server.Namespace;
        return body;
    }
}
