using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

public sealed class HookLogTests
{
    private readonly Box box = new();

    [Fact]
    public void WithoutAWebhookThereIsNoLog() => Assert.Null(box.Organization.LoggedDeliveries());

    [Fact]
    public void WhatHappensIsLoggedTheNewestFirst()
    {
        box.Organization.OpenHook(new(), new Random(1));
        Job[] jobs = [box.Queue(), box.Queue()];
        box.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(jobs.Reverse().Select(j => j.Id), Log().Select(e => e.Delivery.Job.Id));
        Assert.All(Log(), e => Assert.Equal("queued", e.Delivery.Action));
    }

    [Fact]
    public void WhatIsLostIsNotThere()
    {
        box.Organization.OpenHook(new() { Lost = 1 }, new Random(1));
        box.Queue();
        box.Pass(TimeSpan.FromMinutes(1));

        Assert.Empty(Log());
    }

    [Fact]
    public void WhatComesTwiceHasTwoIds()
    {
        box.Organization.OpenHook(new() { Twice = 1 }, new Random(1));
        box.Queue();
        box.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal([true, false], Log().Select(e => e.Again));
        Assert.Equal(2, Log().Select(e => e.Id).Distinct().Count());
        Assert.Single(Log().Select(e => e.Delivery).Distinct());
    }

    [Fact]
    public void WhatIsLateIsLoggedWhereItBelongs()
    {
        box.Organization.OpenHook(new() { Late = 0.5 }, new Random(1));
        for (var i = 0; i < 20; i++)
            box.Queue();
        box.Pass(TimeSpan.FromSeconds(1));
        var soon = Log();
        box.Pass(TimeSpan.FromSeconds(31));

        Assert.InRange(soon.Count, 1, 19);
        Assert.Equal(20, Log().Count);
        Assert.NotEqual(soon.Select(e => e.Id), Log().Take(soon.Count).Select(e => e.Id));
        Assert.Equal(Log().Select(e => e.Id).OrderDescending(), Log().Select(e => e.Id));
    }

    private IReadOnlyList<LoggedDelivery> Log() => box.Organization.LoggedDeliveries()!;
}
