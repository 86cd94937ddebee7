using RunnerScaler.Kubernetes;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Integration.Workflow;

/// <summary>
/// The images that a real workflow needs, which nothing here can make: <c>CONTRIBUTING.md</c> says how to.
/// </summary>
internal static class WorkflowImages
{
    public const string Runner = "runnerscaler.test/runner";
    public const string BuildKit = "runnerscaler.test/buildkit";

    /// <summary>The released image, as the manifests name it.</summary>
    public static string Upstream { get; } = new KubernetesOptions().BuilderImage;

    private const string Variable = "RUNNERSCALER_WORKFLOW_IMAGES";
    private static readonly (string File, string Name)[] Wanted = [("runner.tar", Runner), ("buildkit.tar", BuildKit)];
    private static readonly string[] Programs = ["docker-registry", "git", "busybox"];

    /// <summary>The archives; none where there are none.</summary>
    public static IReadOnlyList<NodeArchive> Archives =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder
            ? [.. from wanted in Wanted
                  let file = Path.Combine(folder, wanted.File)
                  where File.Exists(file)
                  select new NodeArchive(file, wanted.Name)]
            : [];

    /// <summary>Why no workflow can be run here; null when one can.</summary>
    public static string? WhyNot(KubeRelease release)
    {
        if (Archives.Count < Wanted.Length)
            return $"set {Variable} to a folder with {string.Join(" and ", Wanted.Select(w => w.File))}, as "
                + "CONTRIBUTING.md tells, to run workflows in pods";
        if (release.Minor < 29)
            return $"native sidecars need Kubernetes 1.29, and {RealApiServer.AssetsVariable} has 1.{release.Minor}";
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var missing = Programs.Where(p => !path.Any(folder => File.Exists(Path.Combine(folder, p)))).ToList();
        return missing.Count == 0
            ? null
            : $"workflows need {string.Join(", ", missing)}: on Debian, install docker-registry, git, busybox-static";
    }
}
