using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Claims;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control;

/// <summary>What a process remembers: notes, problems of targets, beats.</summary>
public sealed class MemoryTests
{
    private static readonly RegistrationTarget Elsewhere = new(Given.Account, "alice", "x");

    private readonly FakeTimeProvider time = new(Given.Now);

    [Fact]
    public void ANoteIsNothingUntilSomethingIsKnown()
    {
        var notes = new RunnerNotes();
        Assert.Same(RunnerNote.None, notes.Of("a"));
        notes.Update("a", n => n with { Attempt = 2 });
        notes.Update("a", n => n with { Waiting = true });
        Assert.Equal(new RunnerNote { Attempt = 2, Waiting = true }, notes.Of("a"));
        Assert.Same(RunnerNote.None, notes.Of("b"));
        notes.Forget("a");
        Assert.Same(RunnerNote.None, notes.Of("a"));
    }

    [Fact]
    public void AChangeThatDeclinesChangesNothing()
    {
        var notes = new RunnerNotes();
        Assert.False(notes.TryUpdate("a", _ => null));
        Assert.Same(RunnerNote.None, notes.Of("a"));
        Assert.True(notes.TryUpdate("a", n => n with { GrantInFlight = true }));
        Assert.False(notes.TryUpdate("a", n => n.GrantInFlight ? null : n));
    }

    [Fact]
    public async Task OfManyWhoChangeANoteAtOnceOnlyOneWins()
    {
        var notes = new RunnerNotes();
        var wins = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() =>
            notes.TryUpdate("a", n => n.GrantInFlight ? null : n with { GrantInFlight = true, Attempt = i }))));
        Assert.Single(wins, won => won);
    }

    [Fact]
    public void ThePauseAfterARefusalDoublesUpToFiveMinutes()
    {
        var problems = new TargetProblems(time);
        var pauses = Enumerable.Range(0, 7).Select(_ =>
        {
            problems.Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.RegistrationRefused), null);
            return (problems.Of(Given.Linux)[Given.Acme].Until - Given.Now)!.Value.TotalSeconds;
        });
        Assert.Equal([15, 30, 60, 120, 240, 300, 300], pauses);
    }

    [Fact]
    public void ThePauseThatGitHubAsksForIsKept()
    {
        var problems = new TargetProblems(time);
        problems.Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.RateLimited), TimeSpan.FromMinutes(40));
        Assert.Equal(Given.Now.AddMinutes(40), problems.Of(Given.Linux)[Given.Acme].Until);
    }

    [Fact]
    public void AFaultIsOfOnePoolAtOneTargetUntilItIsClearedOrForgotten()
    {
        var problems = new TargetProblems(time);
        problems.Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.RegistrationRefused), null);
        problems.Put(Given.Linux, Elsewhere, Given.Problem(ProblemReason.RegistrationRefused), null);
        Assert.Empty(problems.Of(new("ci", "gpu")));
        problems.Clear(Given.Linux, Given.Acme);
        Assert.Equal([Elsewhere], problems.Of(Given.Linux).Keys);
        problems.Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.RegistrationRefused), null);
        Assert.Equal(Given.Now.AddSeconds(15), problems.Of(Given.Linux)[Given.Acme].Until);
        problems.Forget(Given.Linux);
        Assert.Empty(problems.Of(Given.Linux));
    }

    [Fact]
    public void WhatNobodyHasAskedForInTenMinutesIsNoFaultAnyMore()
    {
        var problems = new TargetProblems(time);
        problems.Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.PermissionMissing), null);
        problems.Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.PermissionMissing), null);
        time.Advance(TimeSpan.FromSeconds(30) + TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.Single(problems.Of(Given.Linux));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(problems.Of(Given.Linux));
        problems.Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.PermissionMissing), null);
        Assert.Equal(time.GetUtcNow().AddSeconds(15), problems.Of(Given.Linux)[Given.Acme].Until);
    }

    [Fact]
    public void WhatWasRefusedEndsWithItsTarget()
    {
        var problems = new TargetProblems(time);
        problems.Put(Given.Linux, Given.Acme, Given.Problem(ProblemReason.RegistrationRefused), null);
        problems.Put(Given.Linux, Elsewhere, Given.Problem(ProblemReason.ScopeNotFound), null);
        problems.Put(new("ci", "gpu"), Elsewhere, Given.Problem(ProblemReason.ScopeNotFound), null);
        problems.Keep(Given.Linux, [Given.Acme]);
        Assert.Equal([Given.Acme], problems.Of(Given.Linux).Keys);
        Assert.Single(problems.Of(new("ci", "gpu")));
    }

    [Fact]
    public void ALoopThatDoesNotBeatInTimeIsOverdue()
    {
        var beats = new Heartbeats(time);
        beats.Beat("b", TimeSpan.FromSeconds(10));
        beats.Beat("a", TimeSpan.FromSeconds(10));
        beats.Beat("c", TimeSpan.FromSeconds(60));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(beats.Overdue());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a", "b"], beats.Overdue());
        beats.Beat("a", TimeSpan.FromSeconds(10));
        beats.Stop("b");
        Assert.Empty(beats.Overdue());
    }

    [Fact]
    public async Task AnAnswerReachesTheNewestClaimOnceAndSaysWhetherItDid()
    {
        var waiters = new ClaimWaiters(new());
        Assert.False(waiters.Answer("a", new ClaimAnswer.Standby()));
        var (older, newer) = (waiters.Open("a"), waiters.Open("a"));
        Assert.False(waiters.Close(older));
        Assert.True(waiters.Answer("a", new ClaimAnswer.Retired("x")));
        Assert.False(waiters.Answer("a", new ClaimAnswer.Standby()));
        Assert.IsType<ClaimAnswer.Standby>(await Wait(older));
        Assert.IsType<ClaimAnswer.Retired>(await Wait(newer));
        Assert.True(waiters.Close(newer));
        Assert.False(waiters.Close(newer));
    }

    [Fact]
    public async Task AnAnswerAfterTheEndReachesNobody()
    {
        var waiters = new ClaimWaiters(new());
        var waiter = waiters.Open("a");
        var waiting = Wait(waiter);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await waiting);
        waiter.Dispose();
        Assert.False(waiters.Answer("a", new ClaimAnswer.Standby()));
    }

    private Task<ClaimAnswer?> Wait(ClaimWaiters.Waiter waiter) =>
        waiter.WaitAsync(TimeSpan.FromSeconds(1), time, TestContext.Current.CancellationToken);
}
