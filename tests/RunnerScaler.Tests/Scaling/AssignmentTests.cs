using System.Collections.Immutable;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Scaling;

/// <summary>Jobs that GitHub gives to none of the idle runners that match them.</summary>
public sealed class AssignmentTests
{
    private static readonly TimeSpan Deadline = new Deadlines().Assign;
    private static readonly RegistrationTarget A = new(Given.Account, "alice", "a");

    private readonly Pool pool = Given.Pool(max: 2, serves: Given.EachRepository());
    private AssignmentHistory history = AssignmentHistory.Empty;
    private ImmutableArray<(Runner Runner, DateTimeOffset From)> doubtful = [];
    private TimeSpan elapsed;

    [Fact]
    public void AJobThatWaitsForTheDeadlineBesideAnIdleRunnerIsNoDemandAndAnotherRepositoryGetsTheSlots()
    {
        var jobs = (Job[])[Job(1, "a"), Job(2, "a"), Job(3, "b")];
        Assert.Equal(WaitReason.PoolFull, ReasonOf(3, Pass(TimeSpan.Zero, jobs, 0, 1)));
        Assert.Equal(
            WaitReason.PoolFull, ReasonOf(3, Pass(Deadline - TimeSpan.FromSeconds(1), jobs, 0, 1)));
        var plan = Pass(TimeSpan.FromSeconds(1), jobs, 0, 1);
        Assert.Equal((WaitReason.NotAssigned, WaitReason.NotAssigned), (ReasonOf(1, plan), ReasonOf(2, plan)));
        Assert.Equal(2, plan.Retire.Length);
        plan = Pass(TimeSpan.FromSeconds(10), jobs);
        Assert.Equal([0], plan.Create);
        Assert.Equal(WaitReason.Creating, ReasonOf(3, plan));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("offline")]
    [InlineData("busy")]
    [InlineData("not looked at")]
    [InlineData("looked at too early")]
    [InlineData("elsewhere")]
    [InlineData("given back")]
    [InlineData("younger")]
    [InlineData("board is old")]
    public void WhatIsNotProvenIsNotConcluded(string but)
    {
        (PodFacts Pod, RunnerNote Note) Runner()
        {
            var (pod, note) = Idle(0, but == "elsewhere" ? new(Given.Account, "alice", "b") : A);
            return (pod, but switch
            {
                "offline" => note with { Seen = note.Seen! with { Online = false } },
                "busy" => note with { Seen = note.Seen! with { Busy = true } },
                "not looked at" => note with { Seen = null, CheckedAt = null },
                "looked at too early" => note with { CheckedAt = Now - TimeSpan.FromMinutes(1) },
                "given back" => note with { Deregistered = true },
                "younger" => note with { RegisteredAt = Now - TimeSpan.FromMinutes(4) },
                _ => note,
            });
        }
        Judge([Job(1, "a")], Now, Runner());
        elapsed += Deadline;
        var readAt = but == "board is old" ? Now - TimeSpan.FromSeconds(1) : Now;
        var reason = ReasonOf(1, Judge([Job(1, "a")], readAt, Runner()));
        Assert.Equal(but == "nothing", reason == WaitReason.NotAssigned);
    }

    [Fact]
    public void OneJobAtATimeIsTriedAgainAfterPausesThatGrowAndAreBounded()
    {
        var jobs = (Job[])[Job(1, "a"), Job(2, "a")];
        Pass(TimeSpan.Zero, jobs, 0, 1);
        Pass(Deadline, jobs, 0, 1);
        var pauses = new List<TimeSpan>();
        for (var i = 0; i < 6; i++)
        {
            var waiting = history.Places.Values.Single();
            pauses.Add(waiting.RetryAt - waiting.At);
            var plan = Pass(waiting.RetryAt - Now, jobs);
            Assert.Equal(1, plan.Waiting.Count(w => w.Reason == WaitReason.Creating));
            Assert.Equal(1, plan.Waiting.Count(w => w.Reason == WaitReason.NotAssigned));
            plan = Pass(Deadline, jobs, 0);
            Assert.Equal(2, plan.Waiting.Count(w => w.Reason == WaitReason.NotAssigned));
        }
        Assert.Equal([5, 10, 20, 30, 30, 30], pauses.Select(p => p.TotalMinutes));
    }

    [Fact]
    public void WhenTheOneThatIsTriedGetsItsRunnerTheOthersAreDemandAgain()
    {
        var jobs = (Job[])[Job(1, "a"), Job(2, "a")];
        Pass(TimeSpan.Zero, jobs, 0, 1);
        Pass(Deadline, jobs, 0, 1);
        Pass(TimeSpan.FromMinutes(5), jobs);
        var plan = Pass(TimeSpan.FromSeconds(30), [Job(2, "a")]);
        Assert.Equal(WaitReason.Creating, ReasonOf(2, plan));
        Assert.Empty(history.Places);
    }

    [Fact]
    public void AJobThatIsQueuedAnewIsJudgedAnew()
    {
        Pass(TimeSpan.Zero, [Job(1, "a")], 0);
        Pass(Deadline, [Job(1, "a")], 0);
        Pass(TimeSpan.FromSeconds(5), []);
        Assert.Equal(WaitReason.Assigning, ReasonOf(1, Pass(TimeSpan.FromSeconds(5), [Job(1, "a")], 0)));
    }

    [Fact]
    public void ARunnerIsAskedAboutWhenAJobHasWaitedBesideItForTheDeadline()
    {
        (PodFacts, RunnerNote) Unchecked(int slot)
        {
            var (pod, note) = Idle(slot);
            return (pod, note with { CheckedAt = null, Seen = null });
        }
        Judge([Job(1, "a")], Now, Unchecked(0), Unchecked(1));
        Assert.Empty(doubtful);
        elapsed += Deadline;
        Judge([Job(1, "a")], Now, Unchecked(0), Unchecked(1));
        Assert.Equal((0, Now), (Assert.Single(doubtful).Runner.Slot, doubtful[0].From));
        Judge([Job(1, "a")], Now, Idle(0), Unchecked(1));
        Assert.Empty(doubtful);
        Judge([], Now, Unchecked(0));
        Assert.Empty(doubtful);
    }

    [Fact]
    public void WhatIsAskedIsCheckedAtOnceAndARunnerThatIsStillToComeOnlineHasItsTime()
    {
        var deadlines = new Deadlines { Assign = TimeSpan.FromSeconds(40) };
        var (pod, note) = Given.Registered(0, age: TimeSpan.Zero);
        var at = Given.Now + deadlines.Assign;
        Assert.Equal(Given.Now + deadlines.Register, Next(pod, note, deadlines, at).Next);
        note = note with { CheckFrom = at };
        Assert.Equal(LifecycleAction.Check, Next(pod, note, deadlines, at).Action);
        note = note with { CheckedAt = at, Seen = new(1, "r", false, false) };
        Assert.Equal(Given.Now + deadlines.Register, Next(pod, note, deadlines, at).Next);
        note = note with { Seen = new(1, "r", true, false) };
        Assert.Equal(at + deadlines.Idle, Next(pod, note, deadlines, at).Next);
    }

    private DateTimeOffset Now => Given.Now + elapsed;

    private static LifecycleStep Next(PodFacts pod, RunnerNote note, Deadlines deadlines, DateTimeOffset now) =>
        Lifecycle.Next(Given.Runner((pod, note)), deadlines, Given.Now, now);

    private static Job Job(long id, string repository) => Given.Job(id, $"alice/{repository}");

    private static WaitReason ReasonOf(long job, Plan plan) => plan.Waiting.Single(w => w.Job.Id == job).Reason;

    private (PodFacts, RunnerNote) Idle(int slot, RegistrationTarget? target = null)
    {
        var (pod, note) = Given.Registered(slot, target ?? A, TimeSpan.FromMinutes(1));
        return (pod, note with { Seen = new(slot, "r", true, false), CheckedAt = Now });
    }

    /// <summary>A pass so much later, over runners that were seen idle just now.</summary>
    private Plan Pass(TimeSpan later, Job[] jobs, params int[] idle)
    {
        elapsed += later;
        return Judge(jobs, Now, [.. idle.Select(slot => Idle(slot))]);
    }

    private Plan Judge(Job[] jobs, DateTimeOffset readAt, params (PodFacts, RunnerNote)[] runners)
    {
        var input = Given.Input(pool, jobs, runners) with
        {
            Demand = Demand.Share(Given.BoardAt(readAt, jobs), [pool]).Of(pool.Key),
            Now = Now,
        };
        history = Assignment.Next(history, input);
        doubtful = Assignment.Doubtful(history, input);
        return Planner.Plan(input with
        {
            Unassigned = history.Places.Values
                .SelectMany(p => p.Jobs.Where(j => !p.IsDemand(j)).Select(j => (j, p.RetryAt)))
                .ToImmutableDictionary(p => p.j, p => new UnassignedJob("why", p.RetryAt)),
        });
    }
}
