using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Tests.Kubernetes;

public sealed class BackoffTests
{
    [Fact]
    public void PausesGrowToFiveSecondsWhateverIsAskedFor()
    {
        var backoff = new Backoff(new Random(1));
        var pauses = Enumerable.Range(0, 20).Select(_ => backoff.Next()).ToArray();
        Assert.InRange(pauses[0], Backoff.First, 2 * Backoff.First);
        Assert.All(pauses, pause => Assert.InRange(pause, Backoff.First, Backoff.Longest));
        Assert.All(pauses[5..], pause => Assert.InRange(pause, Backoff.Longest / 2, Backoff.Longest));
        Assert.Equal(Backoff.Longest, backoff.Next(TimeSpan.FromSeconds(99_999_999_999)));
    }

    [Fact]
    public void AfterASuccessTheyBeginAnew()
    {
        var backoff = new Backoff(new Random(1));
        for (var i = 0; i < 20; i++)
            backoff.Next();
        backoff.Reset();
        Assert.InRange(backoff.Next(), Backoff.First, 2 * Backoff.First);
    }

    [Fact]
    public void WhatTheServerAsksForIsKept() =>
        Assert.Equal(TimeSpan.FromSeconds(3), new Backoff(new Random(1)).Next(TimeSpan.FromSeconds(3)));
}
