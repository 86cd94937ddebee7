using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>Jobs that GitHub gives to none of the idle runners, from claim to condition.</summary>
public sealed class AssignmentsTests : IDisposable
{
    private readonly ControlRig rig = new(Given.Pool(max: 1));

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task TheConditionSaysWhichJobAndWhy()
    {
        rig.GitHub.Group = new("Default", GroupVisibility.Selected, true, ["lib"], null);
        await PassOver();
        await rig.Get<WriteBounds>().WhenIdleAsync();
        rig.Pass();
        var condition = await Condition();
        Assert.Equal((true, "NotAssigned"), (condition.Holds, condition.Reason));
        Assert.Contains("Job 'job 1' of acme/app", condition.Message, StringComparison.Ordinal);
        Assert.Contains("acme/app is none of them", condition.Message, StringComparison.Ordinal);
        Assert.Contains(rig.Recorder.Events, e => e is (true, "NotAssigned", _));
    }

    [Fact]
    public async Task ItsRunnerIsRetiredAndTheSlotIsFreeForOthers()
    {
        await PassOver();
        Assert.Contains(new RunnerKey(Given.Linux, 0), ControlRig.Drain(rig.Get<Queues>().Runners));
        Assert.Equal(OutcomeKind.Retired, rig.Note().Retiring);
    }

    [Fact]
    public async Task AGroupIsReadOnceInAWhileAndItsChangeMakesTheJobsDemandAgain()
    {
        rig.GitHub.Group = new("Default", GroupVisibility.Selected, true, ["lib"], null);
        await PassOver();
        for (var i = 0; i < 5; i++)
            rig.Pass();
        await rig.Get<WriteBounds>().WhenIdleAsync();
        Assert.Single(rig.Journal.Entries, e => e.StartsWith("look at the group", StringComparison.Ordinal));
        rig.GitHub.Group = rig.GitHub.Group with { Repositories = ["app", "lib"] };
        rig.Time.Advance(GroupWatch.KeptFor);
        rig.Queue(Given.Job());
        rig.Pass();
        await rig.Get<WriteBounds>().WhenIdleAsync();
        rig.Pass();
        Assert.False((await Condition()).Holds);
    }

    [Fact]
    public async Task AnotherSpecIsJudgedAnew()
    {
        await PassOver();
        rig.Pools.Put(Given.Pool(max: 1), generation: 2);
        rig.Pass();
        Assert.False((await Condition()).Holds);
    }

    private async Task<PoolCondition> Condition()
    {
        await rig.Get<StatusReporter>().WriteAsync(Given.Linux, TestContext.Current.CancellationToken);
        return rig.Pools.Reports[^1].Conditions.Single(c => c.Type == "JobsUnassigned");
    }

    private async Task PassOver()
    {
        rig.Queue(Given.Job());
        var name = await rig.Granted();
        rig.GitHub.Put(Given.Acme, name, online: true);
        rig.Pass();
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        rig.Queue(Given.Job());
        rig.Pass();
        await rig.Reconcile();
        rig.Pass();
    }
}
