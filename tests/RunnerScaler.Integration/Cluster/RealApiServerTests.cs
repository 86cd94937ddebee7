using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster;


namespace RunnerScaler.Integration.Cluster;

public sealed class RealApiServerTests
{
    [Fact]
    public async Task AProgramEndsWithItsKeeper()
    {
        var child = ChildProgram.Start("/bin/sh", "-c", "echo started; exec sleep 600");
        await TestCluster.UntilAsync("it has started", () => Task.FromResult(child.LastOutput == "started"));
        Assert.False(child.HasExited);
        var start = TimeProvider.System.GetTimestamp();
        await child.DisposeAsync();
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task AProgramThatFailsIsSeenWithItsLastWords()
    {
        await using var child = ChildProgram.Start("/bin/sh", "-c", "echo wrong option >&2; exit 3");
        await TestCluster.UntilAsync("it has ended", () => Task.FromResult(child.HasExited));
        await TestCluster.UntilAsync("its words are read", () => Task.FromResult(child.LastOutput == "wrong option"));
    }

    [Fact]
    public void FreePortsDiffer()
    {
        int[] ports = [.. FreePorts.Take(5), .. FreePorts.Take(5)];
        Assert.Equal(10, ports.Distinct().Count());
        Assert.All(ports, p => Assert.InRange(p, 10_000, 32_767));
    }
}
