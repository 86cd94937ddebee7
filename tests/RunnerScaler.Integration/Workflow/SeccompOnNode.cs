using System.Text.Json.Nodes;
using RunnerScaler.Integration.Examples;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Integration.Node;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Workflow;

/// <summary>Puts the builder's seccomp profile on the node by the shipped manifests, as their users do.</summary>
internal static class SeccompOnNode
{
    private const string Namespace = "runnerscaler-nodes";

    public static async Task InstallAsync(World world)
    {
        var profiles = Path.Combine(world.Node.KubeletFolder, "seccomp/profiles");
        if (Directory.Exists(profiles))
            return;
        var built = await world.Node.PinnedAsync(WorkflowImages.BuildKit);
        foreach (var (path, _, manifest) in Manifest.Read("deploy/builder/namespace.yaml", Namespace)
            .Append(await ProfileAsync())
            .Concat(Manifest.Read("deploy/builder/daemonset.yaml", Namespace,
                (WorkflowImages.Upstream, built), ("/var/lib/kubelet/seccomp/profiles", profiles))))
            await world.Http.PostAsync(path, manifest, Stop);
        var written = Path.Combine(profiles, "runnerscaler-buildkit.json");
        await UntilAsync("the profile is on the node", () => Task.FromResult(File.Exists(written)));
    }

    // What the kustomization makes of the file.
    private static async Task<Manifest> ProfileAsync()
    {
        var profile = await File.ReadAllTextAsync(Path.Combine(Example.Root, "deploy/builder/seccomp.json"), Stop);
        return new($"/api/v1/namespaces/{Namespace}/configmaps", Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "seccomp-profile" },
            ["data"] = new JsonObject { ["runnerscaler-buildkit.json"] = profile },
        });
    }
}
