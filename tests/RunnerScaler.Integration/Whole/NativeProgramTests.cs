using System.Diagnostics;
using System.Text.Json.Nodes;
using RunnerScaler.Hosting;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Integration.Kubernetes;
using RunnerScaler.Integration.Node;
using RunnerScaler.Kubernetes.Installing;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Whole;

/// <summary>
/// The published controller, whose compiler keeps only what it sees used: what looks for types or members as it runs,
/// our options, the clients of Kubernetes and GitHub, does there what it does here.
/// </summary>
public sealed class NativeProgramTests(ClusterFixture clusters)
{
    private const string Definition = "runnerpools.runnerscaler.io";

    [Fact]
    public async Task ItHasEveryOptionAndItsDefault() =>
        Assert.Equal((0, CommandLine.Usage(), ""), await RunAsync("--help"));

    [Theory]
    [InlineData("--Web:Port=x", "--Process:LogFormat=xml", "--Kubernetes:LeaseDuration=soon", "--GitHub:ReadShare=80%",
        "--GitHub:CacheBytes=1", "--Web:Anonymous=yes", "--Kubernetes:LeaseName=", "--Control:Nothing=1")]
    [InlineData("--Kubernetes:Kubeconfig=/nowhere", "--Kubernetes:ClaimsUrl=https://a:1/claims")]
    public async Task ItExplainsWhatIsWrong(params string[] arguments)
    {
        var (code, _, error) = await RunAsync(arguments);
        using var expected = new StringWriter();
        Assert.Equal(await ScalerHost.RunAsync(arguments, TextWriter.Null, expected), code);
        Assert.Equal(expected.ToString(), error);
        Assert.NotEmpty(error);
    }

    [Fact]
    public async Task ItAppliesTheDefinitionWithATokenOfTheKubeconfig()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        await AppliesAsync(cluster, cluster.KubeConfigPath);
    }

    [Fact]
    public async Task ItAppliesTheDefinitionWithATokenThatAPluginGives()
    {
        using var cluster = await clusters.OpenAsync(ClusterFixture.Sandbox);
        var folder = Directory.CreateTempSubdirectory("runnerscaler-");
        var config = await File.ReadAllTextAsync(cluster.KubeConfigPath, Stop);
        var token = config.Split("token: ")[1].Split('\n')[0];
        var plugin = Path.Combine(folder.FullName, "plugin");
        await File.WriteAllTextAsync(plugin, $$$"""
            #!/bin/sh
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",'
            echo ' "status":{"token":"{{{token}}}"}}'
            """, Stop);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var path = Path.Combine(folder.FullName, "config");
        await File.WriteAllTextAsync(path, config.Replace(
            $"token: {token}",
            $"exec: {{apiVersion: client.authentication.k8s.io/v1, command: {plugin}, interactiveMode: Never}}",
            StringComparison.Ordinal), Stop);

        await AppliesAsync(cluster, path);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task ItServesAJobAsAnAppAndShowsItsMetrics()
    {
        SkipIfNotPublished();
        var (time, folder) = (TimeProvider.System, Directory.CreateTempSubdirectory("runnerscaler-"));
        await using var gitHub = await RunnerScaler.Sandbox.Box.GitHubBox.StartAsync(
            ["app"], time, new Random(1), new RestFaults(new Random(2)));
        await using var cluster = await SandboxCluster.StartAsync(new(), gitHub.Organization, 3, time, folder.FullName);
        await cluster.Box.InstallAsync(gitHub, new() { Standby = 0 }, time, Stop);
        await using var controller = ControllerProcess.Start(cluster.KubeConfigFor("controller"), folder.FullName);
        await controller.WaitUntilReadyAsync(time, Stop);
        var run = gitHub.Organization.QueueRun("acme/app", new WorkflowSpec("ci", new JobSpec("build")));

        await UntilAsync("the job has ended", () => Task.FromResult(
            gitHub.Organization.JobsOf(run.Id).All(j => j.Conclusion == JobConclusion.Success)));
        var asked = gitHub.Counts.Snapshot().Where(c => c.Status is 200 or 201).Select(c => c.Route).ToArray();
        Assert.Contains(asked, route => route.EndsWith("/orgs/{org}/installation", StringComparison.Ordinal));
        Assert.Contains(asked, route => route.EndsWith("/access_tokens", StringComparison.Ordinal));
        using var http = new HttpClient();
        var page = await http.GetStringAsync(new Uri(controller.Web, "/metrics"), Stop);
        Assert.All(
            (string[])["process_cpu_seconds_total ", "dotnet_total_memory_bytes ", "dotnet_collection_count_total{"],
            name => Assert.Contains($"\n{name}", page, StringComparison.Ordinal));
        Assert.NotEqual(0, await new MetricsPage(controller.Web).SumAsync("runnerscaler_github_requests_total"));
        Assert.Equal(0, await controller.StopAsync(time));
    }

    private static async Task AppliesAsync(TestCluster cluster, string kubeconfig)
    {
        Assert.Equal(
            (0, $"{Definition} is applied and served.\n", ""),
            await RunAsync("apply-crds", $"--Kubernetes:Kubeconfig={kubeconfig}"));
        var there = await cluster.Http.GetAsync($"{NamespaceRig.Definitions}/{Definition}", Stop);
        Assert.True(JsonNode.DeepEquals(PoolDefinition.Read()["spec"]!["versions"], there["spec"]!["versions"]));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        SkipIfNotPublished();
        using var process = Process.Start(new ProcessStartInfo(ControllerProgram.Native!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, await output, await error);
    }

    private static void SkipIfNotPublished() => Assert.SkipWhen(
        ControllerProgram.Native is null,
        $"publish the controller (dotnet publish src/RunnerScaler -c Release -r linux-x64) and set "
            + $"{ControllerProgram.Variable} to the program");
}
