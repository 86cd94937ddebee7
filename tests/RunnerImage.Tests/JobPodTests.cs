namespace RunnerImage.Tests;

/// <summary>What a program finds around itself.</summary>
public sealed class JobPodTests : IDisposable
{
    private readonly TemporaryFolder home = new();

    public void Dispose() => home.Dispose();

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("", "", false)]
    [InlineData("tcp://127.0.0.1:2375", null, true)]
    [InlineData("unix:///run/other.sock", null, true)]
    [InlineData(null, "default", false)]
    [InlineData(null, "mine", true)]
    // docker compose says so to buildx where nobody has chosen a daemon.
    [InlineData("unix:///var/run/docker.sock", "default", false)]
    public void ADaemonIsOneThatWasBrought(string? host, string? context, bool has)
    {
        Assert.SkipWhen(File.Exists("/var/run/docker.sock"), "this machine has a Docker daemon");
        var pod = new JobPod(name => name switch
        {
            "DOCKER_HOST" => host,
            "DOCKER_CONTEXT" => context,
            "HOME" => home.Path,
            _ => null,
        });

        Assert.Equal(has, pod.HasDocker);
    }
}
