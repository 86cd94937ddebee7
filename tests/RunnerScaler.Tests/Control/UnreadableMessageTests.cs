using RunnerScaler.Control.State;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class UnreadableMessageTests : IDisposable
{
    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task LastWordsThatCannotBeReadAreToldAndCostNobodyAnything()
    {
        var ended = Given.Ended(0, ranJob: true, grant: Given.Grant(0));
        rig.Pods.Put(ended with { Exit = ended.Exit! with { Unreadable = true } });
        await rig.Reconcile();
        rig.Pods.Remove(0);
        Assert.Equal(["message"], rig.Recorder.IgnoredWords);
        Assert.Equal("MessageIgnored", Assert.Single(rig.Recorder.Events).Item2);
        Assert.Equal([OutcomeKind.RanJob], rig.Recorder.Exits);
        Assert.Empty(rig.Get<PoolHistory>().FailuresOf(Given.Linux));
    }
}
