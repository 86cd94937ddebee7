using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Tests.Scaling;

/// <summary>
/// What somebody who may write pods can write on one, and what follows from it: nothing but what fits.
/// </summary>
public sealed class GrantRuleTests
{
    private static readonly Pool Org = Given.Pool();

    private static readonly Pool Repositories = Given.Pool(
        serves: [Given.EachRepository(), Given.Organization("other", null, "app")]);

    private static readonly Pool Single = Given.Pool(serves: new Scope
    {
        Kind = ScopeKind.Repository,
        Server = Given.Server,
        Owner = "acme",
        Repository = "app",
    });

    [Fact]
    public void AMarkThatFitsIsTheIdentityOfItsPod()
    {
        var grant = Given.Grant(3, attempt: 2);
        Assert.Equal(grant, GrantRule.Read(Given.Pod(3, grant: grant), Org));
    }

    [Fact]
    public void AnIdentityWhoseAnnotationIsGoneIsMissed()
    {
        Assert.Equal(AnnotationMisfit.None, GrantRule.MisfitOf(Given.Pod(0), Org));
        var pod = Given.Pod(0) with { Released = true };
        Assert.Equal(AnnotationMisfit.Missing, GrantRule.MisfitOf(pod, Org));
        Assert.Contains(
            "'linux-0' is gone", GrantRule.Sentence(pod, AnnotationMisfit.Missing), StringComparison.Ordinal);
    }

    [Fact]
    public void ServerAndSecretAreThePoolsWhateverElseIsSaid()
    {
        var bare = Given.AnnotationOf(Given.Grant(0)) with { Account = null, RunnerName = null };
        var pool = Org with { Account = new("ci", "another", Given.Server) };
        Assert.Equal(pool.Account, GrantRule.Read(Given.Pod(0) with { ClaimAnnotation = bare }, pool)!.Target.Account);
    }

    [Theory]
    [InlineData("team-b", "github-app", Given.Server)]
    [InlineData("ci", "other", Given.Server)]
    [InlineData("ci", "github-app", "http://127.0.0.1:9399")]
    [InlineData("ci", "github-app", "")]
    [InlineData("", "", "")]
    public void AnotherAccountIsNotBelieved(string ns, string secret, string server) =>
        Misfits(AnnotationMisfit.OtherAccount, m => m with { Account = new(ns, secret, server) });

    [Theory]
    [InlineData("v")]
    [InlineData("")]
    [InlineData("linux-1-00000000")]
    [InlineData("linux-0-0badcafe")]
    [InlineData("linux-0-00000000-2")]
    [InlineData("LINUX-0-00000000")]
    public void AnotherRunnerIsNotBelieved(string name) =>
        Misfits(AnnotationMisfit.OtherRunner, m => m with { RunnerName = name });

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(0)]
    [InlineData(10_000)]
    [InlineData(int.MaxValue)]
    public void AnAttemptThatNobodyMakesIsNotBelieved(int attempt) =>
        Misfits(AnnotationMisfit.Unreadable, m => m with { Attempt = attempt });

    [Theory]
    [InlineData("nobody", null)]
    [InlineData("acme", "app")]
    [InlineData("acme", "")]
    [InlineData("", null)]
    [InlineData("ACME", null)]
    [InlineData("acme/../nobody", null)]
    public void AnotherPlaceThanTheOrganizationIsNotBelieved(string owner, string? repository) =>
        Misfits(AnnotationMisfit.OtherTarget, m => m with { Owner = owner, Repository = repository });

    [Theory]
    [InlineData("alice", null)]
    [InlineData("other", "app")]
    [InlineData("alice", "..")]
    [InlineData("alice", ".")]
    [InlineData("alice", "")]
    [InlineData("alice", "a/b")]
    [InlineData("alice", "../../orgs/acme")]
    [InlineData("alice", "a?b")]
    [InlineData("alice", "%2e%2e")]
    public void WhatIsNoRepositoryOfTheOwnerIsNotBelieved(string owner, string? repository) => Misfits(
        AnnotationMisfit.OtherTarget, m => m with { Owner = owner, Repository = repository }, Repositories);

    [Theory]
    [InlineData("acme", null)]
    [InlineData("acme", "lib")]
    public void AnotherPlaceThanTheRepositoryIsNotBelieved(string owner, string? repository) =>
        Misfits(AnnotationMisfit.OtherTarget, m => m with { Owner = owner, Repository = repository }, Single);

    [Fact]
    public void APodWithoutItsPoolHasNoIdentity()
    {
        var pod = Given.Pod(0, grant: Given.Grant(0));
        Assert.Equal(AnnotationMisfit.NoPool, GrantRule.MisfitOf(pod, null));
        Assert.Equal(AnnotationMisfit.NoPool, GrantRule.MisfitOf(pod, Given.Pool("other")));
        Assert.Equal(AnnotationMisfit.NoPool, GrantRule.MisfitOf(pod, Org with { Key = new("team-b", "linux") }));
    }

    [Fact]
    public void ARunnerWhoseMarkDoesNotFitIsNeitherCountedOnNorRemoved()
    {
        var pod = Given.Pod(0, grant: Given.Grant(0, new(Given.Account, "nobody", null)));
        foreach (var note in (RunnerNote[])[RunnerNote.None, new() { Retiring = OutcomeKind.Retired },
            new() { ClaimedAt = Given.Now, Waiting = true }])
        {
            var runner = Given.Runner((pod, note));
            Assert.Equal((RunnerState.Lost, null, null), (runner.State, runner.Grant, runner.Target));
            foreach (var now in (DateTimeOffset[])[Given.Now, Given.Now.AddDays(30)])
                Assert.Equal(
                    LifecycleStep.Wait(), Lifecycle.Next(runner, new Deadlines(), Given.Now.AddDays(-1), now));
        }
        var plan = Planner.Plan(Given.Input(Given.Pool(max: 2), Given.Jobs(1), (pod, RunnerNote.None)));
        Assert.Equal([1], plan.Create);
        Assert.Empty(plan.Retire);
    }

    [Fact]
    public void APodWhoseMarkWasWipedOutIsKnownByItsJob()
    {
        Assert.Equal(RunnerState.Busy, StateWith(JobState.Running, "acme/app", Given.Pod(0)));
        Assert.Equal(RunnerState.Finished, StateWith(JobState.Completed, "acme/app", Given.Pod(0)));
    }

    [Fact]
    public void AJobElsewhereOnARunnerOfTheSameNameSaysNothing()
    {
        var pod = Given.Pod(0, grant: Given.Grant(0));
        Assert.Equal(RunnerState.Registered, StateWith(JobState.Running, "nobody/app", pod));
        Assert.Equal(RunnerState.Registered, StateWith(JobState.Completed, "nobody/app", pod));
    }

    [Fact]
    public void ARunnerOfTheAccountThatThePoolHadBeforeIsStillKnownByItsJob()
    {
        var (pod, note) = Given.Registered(0, Given.Acme with { Account = Given.Account with { Secret = "before" } });
        var board = Given.Board(Given.Job(state: JobState.Running, runner: Given.RunnerName(0)));
        Assert.Equal(RunnerState.Busy, Given.Runner((pod, note), board).State);
    }

    [Fact]
    public void AJobThatAnotherAccountTellsOfSaysNothing()
    {
        var evil = new AccountKey("team-b", "app", "https://evil.example");
        var job = Given.Job(state: JobState.Completed, runner: Given.RunnerName(0));
        var board = JobBoard.Empty
            .Apply(new JobObservation.AccountRead(evil, [job.Repository], Given.Now))
            .Apply(new JobObservation.RepositoryRead(evil, job.Repository, [job], Given.Now));
        Assert.Equal(
            RunnerState.Registered, Given.Runner((Given.Pod(0, grant: Given.Grant(0)), RunnerNote.None), board).State);
    }

    [Fact]
    public void AMarkOfTheFutureIsAsOldAsItsFirstSight()
    {
        var pod = Given.Pod(0, grant: Given.Grant(0, at: Given.Now.AddYears(50)));
        var seen = FirstSeen.Note(null, pod, Given.Now);
        Assert.Equal(Given.Now, Given.Runner((seen, RunnerNote.None)).Since);
    }

    private static RunnerState StateWith(JobState job, string repository, PodFacts pod) => Given.Runner(
        (pod, RunnerNote.None),
        Given.Board(Given.Job(repository: repository, state: job, runner: Given.RunnerName(0)))).State;

    private static void Misfits(
        AnnotationMisfit expected, Func<ClaimAnnotation, ClaimAnnotation> change, Pool? pool = null)
    {
        var pod = Given.Pod(0) with { ClaimAnnotation = change(Given.AnnotationOf(Given.Grant(0))) };
        Assert.Equal(expected, GrantRule.MisfitOf(pod, pool ?? Org));
        Assert.Null(GrantRule.Read(pod, pool ?? Org));
    }
}
