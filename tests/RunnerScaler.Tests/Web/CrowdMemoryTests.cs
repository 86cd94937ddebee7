using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Web;

namespace RunnerScaler.Tests.Web;

public sealed class CrowdMemoryTests
{
    private readonly FakeTimeProvider time = new();
    private readonly CrowdMemory memory;

    public CrowdMemoryTests() => memory = new(time);

    [Fact]
    public void ACrowdHasGoneEachTimeThatMostOfItHas()
    {
        int[] open = [0, 400, 1000, 3000, 2000, 750, 749, 300, 0, 0];

        Assert.Equal([6, 8], Gone(open));
        Assert.Equal([2], Gone([600, 200, 100, 0]));
    }

    [Fact]
    public void FewConnectionsAreNoCrowd() => Assert.Empty(Gone([0, CrowdMemory.Crowd - 1, 0, 100, 0]));

    [Fact]
    public void CrowdsThatComeAndGoStopTheProcessOnceAMinute()
    {
        var open = Enumerable.Repeat<int[]>([2 * CrowdMemory.Crowd, 0], 241).SelectMany(o => o);

        Assert.Equal([1, 241, 481], Gone([.. open], TimeSpan.FromMilliseconds(250)));
    }

    [Fact]
    public void ACrowdThatWentTooSoonAfterAnotherIsNotForgotten() => Assert.Equal(
        [1, 6], Gone([CrowdMemory.Crowd, 0, CrowdMemory.Crowd, 0, 0, 0, 0, 0], CrowdMemory.AtMostEvery / 5));

    /// <summary>The listener lets few of them in at the same time.</summary>
    [Fact]
    public void ACrowdThatIsNeverThereAsAWholeIsOneToo()
    {
        var looks = Enumerable.Range(1, 20).Select(i => memory.HasGone(50, Math.Min(i, 8) * 100L)).ToArray();
        Assert.DoesNotContain(true, looks);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(memory.HasGone(0, 800));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(memory.HasGone(0, 800));
        Assert.False(memory.HasGone(0, 800));
    }

    /// <summary>Probes, scrapes and claims come all day.</summary>
    [Fact]
    public void ThoseWhoComeOneByOneAreNoCrowd()
    {
        for (var came = 0; came < 20_000; came++, time.Advance(TimeSpan.FromMilliseconds(250)))
            Assert.False(memory.HasGone(came % 30 < 15 ? 20 : 0, came));
    }

    /// <summary>The looks, counted from 0, at which the crowd was found to be gone.</summary>
    private int[] Gone(int[] open, TimeSpan? between = null) => [.. open.Index().Where(o =>
    {
        time.Advance(between ?? CrowdMemory.AtMostEvery);
        return memory.HasGone(o.Item, 0);
    }).Select(o => o.Index)];
}
