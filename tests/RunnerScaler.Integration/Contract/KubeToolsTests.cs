using RunnerScaler.RealCluster;


namespace RunnerScaler.Integration.Contract;

public sealed class KubeToolsTests
{
    [Fact]
    public async Task TheProgramsRun()
    {
        Assert.Contains("Client Version: v1.", await Command.RunAsync(KubeTools.Kubectl, "version", "--client"));
        Assert.StartsWith("v4.", await Command.RunAsync(KubeTools.Helm, "version", "--template", "{{.Version}}"));
    }
}
