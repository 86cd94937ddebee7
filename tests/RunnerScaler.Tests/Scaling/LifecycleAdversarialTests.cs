using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

public sealed class LifecycleAdversarialTests
{
    private static readonly Gen<Runner> AnyRunner =
        from flags in Gen.Bool.Array[12]
        from phase in Gen.Enum<PodPhase>()
        from jobState in Gen.Enum<JobState>()
        from seconds in Gen.Int[0, 900].Array[6]
        select Runner(flags, phase, flags[11] ? jobState : null, [.. seconds.Select(s => Given.Now.AddSeconds(-s))]);

    [Fact]
    public void ARunnerThatTheBoardShowsWithAJobIsNeverRemoved() =>
        Gen.Select(AnyRunner, Gen.Int[0, 99999]).Sample((runner, second) =>
        {
            var step = Lifecycle.Next(runner, new(), Given.Now, Given.Now.AddSeconds(second));
            return runner.Job is not { State: JobState.Running } || runner.Pod!.HasEnded
                || step.Action != LifecycleAction.Retire;
        }, iter: 3000);

    [Fact]
    public void AStepIsTakenOrAWaitIsAhead() =>
        Gen.Select(AnyRunner, Gen.Int[0, 99999]).Sample((runner, second) =>
        {
            var now = Given.Now.AddSeconds(second);
            var step = Lifecycle.Next(runner, new(), Given.Now, now);
            return step.Next is not { } next || (step.Action == LifecycleAction.Wait && next > now);
        }, iter: 3000);

    [Fact]
    public void OnlyABusyOrWaitedForRunnerMayWaitForever() =>
        AnyRunner.Sample(runner =>
        {
            var step = Lifecycle.Next(runner, new(), Given.Now, Given.Now.AddDays(3));
            var isAwaited = runner.Pod!.DeletingSince is not null || runner.Note.Removed || runner.Note.GrantInFlight
                || runner.State == RunnerState.Busy || (runner.State == RunnerState.Standby && runner.Note.Waiting);
            return isAwaited || step.Action != LifecycleAction.Wait;
        }, iter: 3000);

    [Fact]
    public void ARunnerThatRanItsJobWhileItWasBeingRemovedRanItsJob()
    {
        var runner = Given.Runner(
            (Given.Ended(0, ranJob: true, grant: Given.Grant(0)), new() { Retiring = OutcomeKind.Retired }));
        Assert.Equal(
            LifecycleStep.Do(LifecycleAction.Bury, OutcomeKind.RanJob),
            Lifecycle.Next(runner, new(), Given.Now, Given.Now));
    }

    [Fact]
    public void AMarkThatWasTakenBackDoesNotCountAlthoughItIsStillShown()
    {
        var grant = Given.Grant(0);
        var note = new RunnerNote { ClaimedAt = Given.Now, Waiting = true, TakenBack = grant.RunnerName };
        Assert.Equal(RunnerState.Standby, Given.Runner((Given.Pod(0, grant: grant), note)).State);
        var (pod, second) = (Given.Pod(0, grant: grant), note with { Grant = Given.Grant(0, attempt: 2) });
        Assert.Equal(Given.RunnerName(0, 2), Given.Runner((pod, second)).Grant!.RunnerName);
    }

    private static Runner Runner(bool[] flags, PodPhase phase, JobState? job, DateTimeOffset[] at)
    {
        var grant = flags[0] ? Given.Grant(0, at: at[0]) : null;
        var pod = Given.Pod(0, phase, flags[1] ? grant : null) with
        {
            DeletingSince = flags[2] && flags[3] ? at[1] : null,
            Protected = flags[4],
        };
        var note = new RunnerNote
        {
            Grant = grant,
            GrantInFlight = grant is not null && flags[5],
            ClaimedAt = flags[6] ? at[2] : null,
            Waiting = flags[6] && flags[7],
            LeftAt = flags[6] && !flags[7] ? at[2] : null,
            CheckedAt = grant is not null && flags[8] ? at[3] : null,
            Seen = flags[3] ? new(1, "", flags[7], false) : null,
            BusySince = grant is not null && flags[9] && flags[10] ? at[4] : null,
            Retiring = flags[9] && !flags[10] ? OutcomeKind.Retired : null,
        };
        var board = job is { } state
            ? Given.Board(Given.Job(state: state, runner: Given.RunnerName(0)))
            : JobBoard.Empty;
        return Given.Runner((pod, note), board);
    }
}
