using System.Diagnostics;
using RunnerImage.Tests.Claims;

namespace RunnerImage.Tests.Entrypoint;

/// <summary>What a job, which runs as the same user, can see of the entrypoint.</summary>
public sealed class EntrypointSecrecyTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private ClaimServer server = null!;
    private PodUnderTest pod = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await ClaimServer.StartAsync(authority);
        server.Claim = ClaimServer.Grant("linux-7-1a2b3c4d", PodUnderTest.JitConfig);
        pod = new PodUnderTest(server, authority);
    }

    public async ValueTask DisposeAsync()
    {
        await pod.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task MemoryEnvironmentAndFilesAreHiddenFromTheJob()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.SkipUnless(File.Exists("/usr/bin/setpriv"),
                "root sees everything, and there is no setpriv (util-linux) to become somebody else");
            pod.RunAs(1001);
        }

        pod.Listener("""
            for file in environ maps mem; do
                if head -c 1 "/proc/$PPID/$file" > /dev/null 2>&1; then mark "read-$file"; fi
            done
            ls "/proc/$PPID/fd" > /dev/null 2>&1 && mark read-fd
            head -c 1 "/proc/$$/environ" > /dev/null && mark own-is-readable
            begin; exit 100
            """);
        pod.Start();
        await pod.EndsAsync(0, "JobSucceeded", true);
        Assert.True(File.Exists(pod["own-is-readable"]));
        Assert.Empty(Directory.GetFiles(pod["."], "read-*"));
    }

    /// <summary>Without this the test above would prove nothing.</summary>
    [Fact]
    public async Task AnOrdinaryProcessIsNotHidden()
    {
        const string script = "head -c 1 /proc/$PPID/environ > /dev/null";
        using var child = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardError = true })!;
        await child.WaitForExitAsync(Cancel);
        Assert.Equal(0, child.ExitCode);
    }
}
