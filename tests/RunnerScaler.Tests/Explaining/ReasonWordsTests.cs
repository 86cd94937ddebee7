using System.Collections.Immutable;
using RunnerScaler.Explaining;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Explaining;

/// <summary>Each reason is made to happen by the real planner, and is told with a remedy.</summary>
public sealed class ReasonWordsTests
{
    private static readonly DateTimeOffset soon = Given.Now.AddMinutes(1);

    private static readonly Dictionary<WaitReason, (PlanInput Input, string Sentence, string Remedy)> table = new()
    {
        [WaitReason.NoPoolMatches] = (
            Input(Given.Job(labels: "linux gpu")),
            "No pool that serves acme/app has all the labels [gpu, linux]; ci/linux comes nearest, with "
            + "[linux, self-hosted].", "runs-on"),
        [WaitReason.PoolNotReady] = (
            Input() with { Problem = Given.Problem(ProblemReason.CredentialsRefused) },
            "Pool ci/linux is to serve it, but cannot now: It is CredentialsRefused.",
            "kubectl -n ci describe runnerpool linux"),
        [WaitReason.Stale] =
            (Input(Given.Job(age: TimeSpan.FromHours(25))), "It has been queued for 1 d 1 h", "Cancel"),
        [WaitReason.ForksRefused] = (
            Given.Input(Given.Pool() with { RefusesForks = true }, [Given.Job() with { FromFork = true }]),
            "It is for a pull request of a fork", "spec.builder.shared.forks"),
        [WaitReason.NotAssigned] = (
            Input() with
            {
                Unassigned = ImmutableDictionary<long, UnassignedJob>.Empty.Add(1, new("it is in another group", soon)),
            },
            "No runner is made for it: it is in another group.", "runner group"),
        [WaitReason.PoolFull] = (
            Given.Input(Given.Pool(max: 1), [Given.Job()], Given.Busy(0)),
            "All 1 slots of pool ci/linux are taken, 1 of them by runners that have a job.", "spec.limits.maxRunners"),
        [WaitReason.RepositoryLimit] = (
            AtItsRepositorysLimit(), "acme/app has as many runners of pool ci/linux as one repository may: 1.",
            "maxRunnersPerRepository"),
        [WaitReason.BackingOff] = (
            Input() with { CreateNotBefore = soon, Refusal = "Node n1 did not take it." },
            "The last pods of pool ci/linux were refused, so the next is made after a pause. Node n1 did not take it.",
            "events"),
        [WaitReason.BudgetPaused] = (
            Input() with { Problem = Given.Problem(ProblemReason.RateLimited, soon) },
            "GitHub's request limit leaves nothing to register a runner with: It is RateLimited.", "Wait"),
        [WaitReason.Creating] = (Input(), "A pod is being created for it.", "Nothing need be changed"),
        [WaitReason.Scheduling] = (
            With(Given.Starting(0)), "Pod 'linux-0' has no node yet.", "Nothing need be changed"),
        [WaitReason.Starting] = (
            With((Given.Pod(0, PodPhase.Pending) with { ScheduledAt = Given.Now, Node = "n1" }, RunnerNote.None)),
            "Pod 'linux-0' is on node 'n1', which pulls its images", "kubectl -n ci describe pod linux-0."),
        [WaitReason.Registering] = (With(Given.Standby(0)), "Pod 'linux-0' is ready", "Nothing need be changed"),
        [WaitReason.Assigning] = (
            With(Given.Registered(0)), "The runner in 'linux-0' is registered and idle", "Nothing need be changed"),
    };

    [Fact]
    public void EveryReasonIsMadeToHappen() => Assert.Equal(Enum.GetValues<WaitReason>().Order(), table.Keys.Order());

    [Fact]
    public void EveryReasonThatThePlannerGivesIsToldWithARemedy() => Assert.All(table, row =>
    {
        var (reason, (input, sentence, remedy)) = row;
        var waiting = Assert.Single(Planner.Plan(input).Waiting);
        var told = ReasonWords.Of(waiting, input, Given.Now);
        Assert.Equal((reason, Given.Now), (told.Reason, told.Since));
        Assert.StartsWith(sentence, told.Sentence, StringComparison.Ordinal);
        Assert.Contains(remedy, told.Remedy, StringComparison.Ordinal);
        Assert.EndsWith(".", told.Sentence, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("NotAssigned")]
    [InlineData("BackingOff")]
    [InlineData("BudgetPaused")]
    public void WhenItIsTriedAgainIsTold(string reason)
    {
        var input = table[Enum.Parse<WaitReason>(reason)].Input;
        Assert.Equal(soon, ReasonWords.Of(Planner.Plan(input).Waiting[0], input, null).Until);
    }

    [Theory]
    [InlineData("Unschedulable", "The scheduler finds no node for it: 0/3 nodes are available.", "Add a node")]
    [InlineData("ImagePullBackOff", "An image cannot be pulled (ImagePullBackOff): 0/3", "Correct the image")]
    [InlineData("CreateContainerConfigError", "A container cannot be configured: 0/3", "Secret or ConfigMap")]
    [InlineData("CrashLoopBackOff", "A container ends again and again: 0/3", "kubectl logs --previous")]
    [InlineData("SomethingNew", "Kubernetes says SomethingNew: 0/3", "kubectl describe pod")]
    public void ThePodsOwnTroubleIsToldAndItsRemedy(string code, string sentence, string remedy)
    {
        var input = With((Given.Pod(0, PodPhase.Pending) with
        {
            WaitingReason = code,
            WaitingMessage = "0/3 nodes are available.",
        }, RunnerNote.None));
        var told = ReasonWords.Of(Planner.Plan(input).Waiting[0], input, null);
        Assert.Contains(sentence, told.Sentence, StringComparison.Ordinal);
        Assert.Contains(remedy, told.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("QuotaExceeded", "exceeded quota: pods=10", "Raise the namespace's quota")]
    [InlineData("WebhookFails", "failed calling webhook \"policy\"", "Fix the webhook")]
    [InlineData("Denied", "violates PodSecurity \"restricted\"", "docs/builder.md")]
    public void WhatTheApiServerRefusesIsToldAndItsRemedy(string reason, string message, string remedy)
    {
        var refusal = new Refusal(
            Enum.Parse<RefusalReason>(reason), new("create", "pods", "ci", "linux-0"), message);
        var input = Input() with
        {
            Paused = ImmutableDictionary<int, SlotPause>.Empty.Add(0, new(soon, 1)),
            Refusals = [new(refusal, Given.Now, false)],
        };
        var told = ReasonWords.Of(Planner.Plan(input).Waiting[0], input, null);
        Assert.Equal((WaitReason.BackingOff, soon), (told.Reason, told.Until));
        Assert.Contains(message, told.Sentence, StringComparison.Ordinal);
        Assert.Contains(remedy, told.Remedy, StringComparison.Ordinal);
    }

    private static PlanInput Input(Job? job = null) => Given.Input(Given.Pool(), [job ?? Given.Job()]);

    private static PlanInput With((PodFacts, RunnerNote) runner) => Given.Input(Given.Pool(), [Given.Job()], runner);

    private static PlanInput AtItsRepositorysLimit()
    {
        var (pod, note) = Given.Busy(0);
        Job[] jobs = [Given.Job(), Given.Job(2, state: JobState.Running, runner: Given.RunnerName(0))];
        return Given.Input(Given.Pool() with { MaxRunnersPerRepository = 1 }, jobs, (pod, note));
    }
}
