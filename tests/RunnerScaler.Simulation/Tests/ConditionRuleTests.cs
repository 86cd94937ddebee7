using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;
using Conditions = RunnerScaler.Scaling.Pools.Conditions;

namespace RunnerScaler.Simulation.Tests;

/// <summary>The check of conditions is a rule itself, and may ask for neither too much nor too little.</summary>
public sealed class ConditionRuleTests
{
    private static readonly TimeSpan Assign = TimeSpan.FromMinutes(2);

    private readonly Env env = new(0, new Trace());

    [Fact]
    public void WhatStopsPodsIsToBeToldWhileAJobNeedsOne()
    {
        ForbidPods();

        Assert.StartsWith("no pod can be made", Complain(Serving(), default), StringComparison.Ordinal);
    }

    /// <summary>No pod is asked for, so nothing is refused.</summary>
    [Fact]
    public void JobsThatGitHubPassesOverNeedNoPod()
    {
        ForbidPods();
        var passedOver = Serving() with
        {
            Unserved = ImmutableDictionary<WaitReason, int>.Empty.Add(WaitReason.NotAssigned, 1),
        };

        Assert.Null(Complain(passedOver, default));
        Assert.NotNull(Complain(passedOver with { Jobs = new(2, 0, 2) }, default));
    }

    [Fact]
    public void AFullPoolAsksForNoPodEither()
    {
        ForbidPods();

        Assert.Null(Complain(Serving(), new(HasClaiming: false, HasStarting: false, IsFull: true)));
    }

    /// <summary>Its pods claim, and get nothing.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void ThatGitHubRefusesIsToBeToldByAFullPoolToo(bool hasClaiming, bool isToBeTold)
    {
        Pass();
        env.Refuses = (TimeSpan.Zero, TimeSpan.FromHours(1));

        Assert.Equal(isToBeTold, Complain(Serving(), new(hasClaiming, false, IsFull: true)) is not null);
    }

    /// <summary>For one target GitHub refuses what the jobs of that target need.</summary>
    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "it says Pool")]
    public void WhatIsServedInPartTellsWhyTheRestWaits(int queued, string? complaint)
    {
        var serving = Serving();
        var inPart = serving with
        {
            Jobs = new(queued, 0, queued),
            Unserved = ImmutableDictionary<WaitReason, int>.Empty.Add(WaitReason.PoolNotReady, 1),
            Conditions =
            [
                new(Conditions.Ready, true, "ServingInPart", "The pool serves its jobs but for a part. No."),
                .. serving.Conditions.Skip(1),
            ],
        };

        var said = Complain(inPart, default);

        Assert.True(complaint is null ? said is null : said!.StartsWith(complaint, StringComparison.Ordinal), said);
    }

    private string? Complain(PoolReport status, PoolPods pods) =>
        new ConditionRule(env).Complaint(status, pods, Assign)?.What;

    private void ForbidPods()
    {
        env.Api.Add(new(
            FaultKind.RightTakenAway, RefusalReason.Forbidden, "create", "pods", TimeSpan.Zero, TimeSpan.FromHours(1),
            null));
        Pass();
    }

    /// <summary>So much time that all is told that was met.</summary>
    private void Pass()
    {
        env.After(TimeSpan.FromMinutes(10), () => { });
        env.Scheduler.RunUntil(TimeSpan.FromMinutes(10), () => false);
    }

    private static PoolReport Serving() => new()
    {
        Generation = 1,
        Runners = default,
        Jobs = new(1, 0, 1),
        Conditions =
        [
            new(Conditions.Ready, true, "Serving", "The pool serves its jobs."),
            new(Conditions.QueueRead, true, "Read", "The queue is read."),
        ],
    };
}
