using RunnerScaler.Web;

namespace RunnerScaler.Tests.Web;

public sealed class CrowdMemoryTests
{
    private readonly CrowdMemory memory = new();

    [Fact]
    public void ACrowdHasGoneEachTimeThatMostOfItHas()
    {
        int[] open = [0, 400, 1000, 3000, 2000, 750, 749, 300, 0, 0];

        Assert.Equal([6, 8], Gone(open));
        Assert.Equal([2], Gone([600, 200, 100, 0]));
    }

    [Fact]
    public void FewConnectionsAreNoCrowd() => Assert.Empty(Gone([0, CrowdMemory.Crowd - 1, 0, 100, 0]));

    /// <summary>The looks, counted from 0, at which the crowd was found to be gone.</summary>
    private int[] Gone(int[] open) => [.. open.Index().Where(o => memory.HasGone(o.Item)).Select(o => o.Index)];
}
