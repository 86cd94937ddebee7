using RunnerScaler.Control.State;
using RunnerScaler.Control.Terms;
using RunnerScaler.Control.Work;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Control.Fakes;
using RunnerScaler.Tests.Explaining;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

public sealed class EndedRunnersTests
{
    private readonly EndedRunners ended = new();

    [Fact]
    public void TheLatestAreKeptAndNoMoreThanThat()
    {
        for (var slot = 0; slot < EndedRunners.Most + 10; slot++)
            ended.Add(Told.Ended(slot));
        Assert.Equal(EndedRunners.Most, ended.All.Length);
        Assert.Equal($"linux-{EndedRunners.Most + 9}", ended.All[0].Pod);
        Assert.Equal("linux-10", ended.All[^1].Pod);
        Saw(Given.Account, Given.Job(runner: Given.RunnerName(3)));
        Assert.All(ended.All, e => Assert.Null(e.Job));
    }

    [Theory]
    [InlineData("github-app", "acme/app", true)]
    [InlineData("other", "acme/app", false)]
    [InlineData("github-app", "evil/app", false)]
    public void WhichJobItHadIsLearnedWhereItWasRegistered(string secret, string repository, bool isIts)
    {
        ended.Add(Told.Ended());
        Saw(Given.Account with { Secret = secret }, Given.Job(repository: repository, runner: Given.RunnerName(0)));
        Assert.Equal(isIts ? 1 : null, ended.All.Single().Job?.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ThatRunnerAndJobAreOverIsToldOnceInWhicheverOrderItIsLearned(bool jobFirst)
    {
        var told = new List<EndedRunner>();
        ended.JobEnded += told.Add;
        var job = Given.Job(state: JobState.Completed, runner: Given.RunnerName(0));
        ended.Add(Told.Ended(job: jobFirst ? job : null));
        Assert.Equal(jobFirst ? 1 : 0, told.Count);
        Saw(Given.Account, Given.Job(state: JobState.Running, runner: Given.RunnerName(0)));
        Saw(Given.Account, job);
        Saw(Given.Account, job);
        Assert.Equal(Given.RunnerName(0), Assert.Single(told).Job?.RunnerName);
    }

    [Fact]
    public async Task AnEndIsRememberedWithItsJobAndAfterTheTermTheSame()
    {
        using var rig = new ControlRig();
        rig.Queue(Given.Job());
        var name = await rig.Granted();
        rig.Queue(Given.Job(state: JobState.Running, runner: name));
        rig.Pods.Change(0, p => Given.Ended(p, 137, "OOMKilled"));
        await rig.Reconcile();
        rig.Pods.Remove(0);
        var runner = Assert.Single(rig.Get<EndedRunners>().All);
        Assert.Equal(
            ("linux-0", name, OutcomeKind.OutOfMemory, 1),
            (runner.Pod, runner.Grant?.RunnerName, runner.Outcome, runner.Job?.Id));
        Assert.Contains("ran out of memory", runner.Sentence, StringComparison.Ordinal);
        Assert.NotNull(runner.ClaimedAt);

        rig.Queue(Given.Job(state: JobState.Completed, runner: name) with { Conclusion = "failure" });
        Assert.Equal("failure", rig.Get<EndedRunners>().All.Single().Job?.Conclusion);
    }

    [Fact]
    public async Task AnotherTermKnowsTheSame()
    {
        using var rig = new ControlRig(follows: true);
        rig.Get<EndedRunners>().Add(Told.Ended());
        using var stop = new CancellationTokenSource();
        var running = rig.Get<Scaler>().RunAsync(stop.Token);
        rig.Get<LeaderGate>().Hold(rig.Time.GetTimestamp(), TimeSpan.FromDays(1));
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Single(rig.Get<EndedRunners>().All);
        await stop.CancelAsync();
        await running;
    }

    private void Saw(AccountKey account, Job job) => ended.Saw(account, [job], _ => Given.Now);
}
