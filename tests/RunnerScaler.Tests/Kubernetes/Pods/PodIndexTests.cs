using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed class PodIndexTests
{
    private static readonly PoolKey Other = new("ci", "other");

    private readonly PodIndex index = new();

    [Fact]
    public void APoolsPodsAreThoseThatBearItsName()
    {
        index.Changed(null, Given.Pod(0));
        index.Changed(null, Given.Pod(1));
        index.Changed(null, Given.Pod(0) with { Pool = Other, Uid = "other" });
        Assert.Equal([0, 1], index.Of(Given.Linux).Select(p => p.Slot).Order());
        Assert.Equal(["other"], index.Of(Other).Select(p => p.Uid));
        Assert.Empty(index.Of(new("ops", "linux")));
    }

    [Fact]
    public void WhatIsShownIsTheLatest()
    {
        var pod = Given.Pod(0);
        index.Changed(null, pod);
        index.Changed(pod, pod with { ResourceVersion = "2" });
        Assert.Equal("2", Assert.Single(index.Of(Given.Linux)).ResourceVersion);
    }

    [Fact]
    public void APodThatVanishesOrGoesToAnotherPoolIsGone()
    {
        var pod = Given.Pod(0);
        index.Changed(null, pod);
        index.Changed(pod, pod with { Pool = Other });
        Assert.Empty(index.Of(Given.Linux));
        index.Changed(pod with { Pool = Other }, null);
        Assert.Empty(index.Of(Other));
        index.Changed(null, pod);
        Assert.Single(index.Of(Given.Linux));
    }
}
