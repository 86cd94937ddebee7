using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Sweep;
using RunnerScaler.Control.Work;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class SweeperTests : IDisposable
{
    private static readonly TimeSpan Period = new ControlOptions().SweepPeriod;

    private readonly ControlRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public async Task ARegistrationWithoutAPodIsRemovedAtTheSecondLook()
    {
        var registration = rig.GitHub.Put(Given.Acme, Given.RunnerName(0));
        Assert.Empty(await Sweep());
        Assert.Empty(await Sweep(TimeSpan.FromSeconds(1)));
        Assert.Equal([new Orphan(Given.Acme, Given.RunnerName(0), registration.Id)], await Sweep(Period));
    }

    [Fact]
    public async Task TheRegistrationOfAPodThatIsKnownToBeGoneIsRemovedAtTheFirstLook()
    {
        rig.Pods.Put(Given.Pod(0));
        rig.Pods.Remove(0);
        var registration = rig.GitHub.Put(Given.Acme, Given.RunnerName(0));
        Assert.Equal([new Orphan(Given.Acme, Given.RunnerName(0), registration.Id)], await Sweep());
    }

    [Theory]
    [InlineData("online")]
    [InlineData("busy")]
    [InlineData("pod")]
    [InlineData("foreign name")]
    [InlineData("other pool")]
    public async Task ARegistrationThatMayBeUsedOrIsNotOursIsSpared(string why)
    {
        var name = why switch
        {
            "foreign name" => "my-laptop",
            "other pool" => "windows-0-00000000",
            _ => Given.RunnerName(0),
        };
        rig.GitHub.Put(Given.Acme, name, online: why == "online", busy: why == "busy");
        if (why == "pod")
            rig.Pods.Put(Given.Pod(0));
        for (var look = 0; look < 4; look++)
            Assert.Empty(await Sweep(Period));
    }

    [Fact]
    public async Task APodOfTheSameSlotButAnotherLifeOwnsNothing()
    {
        rig.Pods.Put(Given.Pod(0) with { Uid = "ffffffff-0000-4000-8000-000000000000" });
        rig.GitHub.Put(Given.Acme, Given.RunnerName(0));
        await Sweep();
        Assert.Single(await Sweep(Period));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AStaleCacheIsNoProofThatThePodIsGone(bool answers)
    {
        rig.Pods.Lagging = true;
        rig.Pods.Put(Given.Pod(0));
        rig.Pods.OnLook = answers ? null : () => default(PodLookup);
        rig.GitHub.Put(Given.Acme, Given.RunnerName(0));
        await Sweep();
        Assert.Empty(await Sweep(Period));
        rig.Pods.OnLook = null;
        rig.Pods.Remove(0);
        Assert.Single(await Sweep(Period));
    }

    [Fact]
    public async Task OneThatWasSeenUsedInBetweenIsNotRemovedWhileItIs()
    {
        rig.GitHub.Put(Given.Acme, Given.RunnerName(0));
        await Sweep();
        rig.Pods.Put(Given.Pod(0));
        await Sweep(Period);
        Assert.Empty(await Sweep(Period));
        rig.Pods.Remove(0);
        Assert.Single(await Sweep(Period));
    }

    [Fact]
    public async Task SuspectsThatAreGoneAreForgotten()
    {
        for (var i = 0; i < 20; i++)
        {
            var name = Given.RunnerName(i);
            rig.GitHub.Put(Given.Acme, name);
            await Sweep(TimeSpan.FromSeconds(1));
            rig.GitHub.Remove(Given.Acme, name);
        }
        Assert.Equal(1, rig.Get<Suspects>().Count);

        rig.Pools.Put(Given.Pool(serves: Given.Organization("other")));
        await Sweep();
        Assert.Equal(0, rig.Get<Suspects>().Count);
    }

    [Fact]
    public async Task AListThatCouldNotBeReadProvesNothing()
    {
        rig.GitHub.Put(Given.Acme, Given.RunnerName(0));
        await Sweep();
        rig.GitHub.Answers = false;
        Assert.Empty(await Sweep(Period));
    }

    [Fact]
    public async Task EachRepositoryOfAUserIsLookedAt()
    {
        rig.Pools.Put(Given.Pool(serves: Given.EachRepository()));
        rig.Queue(Given.Job(repository: "alice/x"));
        rig.GitHub.Put(new(Given.Account, "alice", "x"), Given.RunnerName(0));
        await Sweep();
        Assert.Single(await Sweep(Period));
    }

    [Theory]
    [InlineData("Deleted", true, 1)]
    [InlineData("Gone", true, 0)]
    [InlineData("Busy", false, 0)]
    [InlineData("Unavailable", false, 0)]
    public async Task AnOrphanIsTriedUntilItIsGone(string result, bool done, int swept)
    {
        rig.GitHub.OnDeregister = () => Enum.Parse<DeregisterResult>(result);
        Assert.Equal(ReconcileResult.DoneIf(done), await rig.Get<OrphanRemoval>().DeleteAsync(
            new(Given.Acme, Given.RunnerName(0), null), TestContext.Current.CancellationToken));
        Assert.Equal(swept, rig.Recorder.SweptCount);
    }

    private async Task<Orphan[]> Sweep(TimeSpan after = default)
    {
        rig.Time.Advance(after);
        await rig.Get<RegistrationSweep>().SweepAsync(() => { }, TestContext.Current.CancellationToken);
        return rig.Orphans();
    }
}
