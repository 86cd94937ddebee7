using System.Net.NetworkInformation;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Integration.Node;

/// <summary>The place of a node leaves this machine as it was.</summary>
[Collection(NodeTests.Name)]
[Trait("Category", "Node")]
public sealed class NodeSpaceTests
{
    private const string Setting = "/proc/sys/kernel/keys/root_maxkeys";

    [Fact]
    public async Task WhatIsInsideEndsWithItAndWhatItMadeIsGone()
    {
        var reason = RealNode.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
        var before = await File.ReadAllTextAsync(Setting, TestCluster.Stop);
        var space = await NodeSpace.OpenAsync("test", TimeProvider.System, TestCluster.Stop);
        var mark = $"87{Environment.ProcessId}";
        space.Start(
            "sleeper", "sh", "-c",
            $"mkdir /run/here; mount -t tmpfs tmpfs /run/here; (sleep {mark} &); sleep {mark}");
        await TestCluster.UntilAsync("two sleep inside", () => Task.FromResult(Sleepers(mark) == 2));
        Directory.CreateDirectory($"/sys/fs/cgroup/memory/{space.Name}/deep/er");
        await File.WriteAllTextAsync(Setting, "1000000", TestCluster.Stop);
        Assert.Contains(Bridges(), b => b == space.Name);
        Assert.False(Directory.Exists("/run/here"));

        await space.DisposeAsync();
        Assert.Equal(0, Sleepers(mark));
        Assert.DoesNotContain(Bridges(), b => b == space.Name);
        Assert.DoesNotContain(
            Directory.GetDirectories("/sys/fs/cgroup"), h => Directory.Exists(Path.Combine(h, space.Name)));
        Assert.False(Directory.Exists(space.Folder));
        Assert.Equal(before, await File.ReadAllTextAsync(Setting, TestCluster.Stop));
    }

    private static IEnumerable<string> Bridges() => NetworkInterface.GetAllNetworkInterfaces().Select(i => i.Name);

    private static int Sleepers(string mark) => Directory.GetDirectories("/proc")
        .Where(p => int.TryParse(Path.GetFileName(p), out _))
        .Count(p => Arguments(p) == $"sleep\0{mark}\0");

    private static string Arguments(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
