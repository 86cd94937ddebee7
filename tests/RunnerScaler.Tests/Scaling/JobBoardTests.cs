using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Tests.Scaling;

public sealed class JobBoardTests
{
    private static readonly RepositoryKey App = Given.Repository("acme/app");
    private static readonly RepositoryKey Lib = Given.Repository("acme/lib");
    private static readonly DateTimeOffset Now = Given.Now;

    [Fact]
    public void AReadingReplacesWhatWasKnownOfItsRepositoryOnly()
    {
        var board = Given.Board(Given.Job(1), Given.Job(2, "acme/lib"))
            .Apply(Read(App, Now.AddSeconds(1), Given.Job(3)));
        Assert.Equal([3], Ids(board, App));
        Assert.Equal([2], Ids(board, Lib));
        Assert.Equal(Now.AddSeconds(1), board.Reading(Given.Account, App)!.ReadAt);
    }

    [Fact]
    public void AReadingThatShowsNothingEmptiesItsRepository() =>
        Assert.Empty(Ids(Given.Board(Given.Job()).Apply(Read(App, Now.AddSeconds(1))), App));

    [Fact]
    public void AFailedReadingNeverLowersWhatIsKnown()
    {
        var board = Given.Board(Given.Job()).Apply(Unread(App, Now.AddMinutes(1)));
        var reading = board.Reading(Given.Account, App)!;
        Assert.Equal([1], Ids(board, App));
        Assert.Equal(Now, reading.ReadAt);
        Assert.Equal(ProblemReason.Unreachable, reading.Problem!.Reason);
    }

    [Fact]
    public void ASuccessfulReadingClearsTheFault()
    {
        var board = Given.Board(Given.Job()).Apply(Unread(App, Now.AddMinutes(1))).Apply(Read(App, Now.AddMinutes(2)));
        Assert.Null(board.Reading(Given.Account, App)!.Problem);
    }

    [Fact]
    public void AnOlderReadingIsIgnored()
    {
        var board = Given.Board(Given.Job()).Apply(Read(App, Now.AddSeconds(-1), Given.Job(2)));
        Assert.Equal([1], Ids(board, App));
    }

    [Fact]
    public void TheListOfRepositoriesDropsTheOthers()
    {
        var board = Given.Board(Given.Job(1), Given.Job(2, "acme/lib")).Apply(List(Now.AddSeconds(1), Lib));
        Assert.Null(board.Reading(Given.Account, App));
        Assert.Equal([2], Ids(board, Lib));
    }

    [Fact]
    public void AForgottenAccountLeavesNothing()
    {
        var board = Given.Board(Given.Job()).Apply(new JobObservation.AccountForgotten(Given.Account, Now));
        Assert.Empty(board.Readings);
        Assert.Empty(board.Accounts);
        Assert.False(board.IsKnown(Given.Account));
    }

    [Fact]
    public void AnAccountIsKnownWhenEachRepositoryWasReadOrTried()
    {
        var board = JobBoard.Empty;
        Assert.False(board.IsKnown(Given.Account));
        board = board.Apply(List(Now, App, Lib));
        Assert.False(board.IsKnown(Given.Account));
        board = board.Apply(Read(App, Now));
        Assert.False(board.IsKnown(Given.Account));
        Assert.True(board.Apply(Unread(Lib, Now)).IsKnown(Given.Account));
        Assert.True(board.Apply(Read(Lib, Now)).IsKnown(Given.Account));
    }

    [Fact]
    public void AnAccountThatCannotBeReadIsNotKnown() =>
        Assert.False(JobBoard.Empty.Apply(AccountUnread(ProblemReason.CredentialsRefused)).IsKnown(Given.Account));

    [Fact]
    public void AnAccountWithoutRepositoriesIsKnownAtOnce() =>
        Assert.True(JobBoard.Empty.Apply(List(Now)).IsKnown(Given.Account));

    [Fact]
    public void TheOldestReadingCounts()
    {
        var board = JobBoard.Empty.Apply(List(Now, App, Lib)).Apply(Read(App, Now.AddMinutes(1)));
        board = board.Apply(Read(Lib, Now.AddMinutes(-3)));
        Assert.Equal(Now.AddMinutes(-3), board.OldestReading(Given.Account));
    }

    [Fact]
    public void WhatWasNeverReadAgesFromWhenItWasToBe()
    {
        Assert.Null(JobBoard.Empty.OldestReading(Given.Account));
        var unlisted = JobBoard.Empty.Apply(AccountUnread(ProblemReason.CredentialsRefused));
        Assert.Equal(Now, unlisted.OldestReading(Given.Account));

        var board = JobBoard.Empty.Apply(List(Now, App, Lib)).Apply(Read(App, Now.AddMinutes(1)));
        Assert.Equal(Now, board.OldestReading(Given.Account));
        board = board.Apply(Unread(Lib, Now.AddMinutes(1))).Apply(List(Now.AddMinutes(2), App, Lib));
        Assert.Equal(Now, board.OldestReading(Given.Account));
        Assert.Equal([Lib], board.Unread(Given.Account).Select(r => r.Repository));
        Assert.Equal(Now.AddMinutes(1), board.Apply(List(Now.AddMinutes(3), App)).OldestReading(Given.Account));
    }

    [Fact]
    public void ARepositoryReadInPartHasItsJobsAndAges()
    {
        var part =
            Read(App, Now.AddMinutes(1), Given.Job(2)) with { Unread = Given.Problem(ProblemReason.Unreachable) };
        var board = JobBoard.Empty.Apply(List(Now, App)).Apply(Read(App, Now)).Apply(part);
        Assert.Equal([2L], Ids(board, App));
        Assert.Equal(Now, board.OldestReading(Given.Account));
        Assert.Empty(board.UnreadFor(Given.Pool(), Now.AddMinutes(1).AddSeconds(9)));
        Assert.Equal([App], board.UnreadFor(Given.Pool(), Now.AddMinutes(1).AddSeconds(10)).Select(r => r.Repository));
        Assert.Empty(board.UnreadFor(Given.Pool(serves: Given.Organization("other")), Now.AddMinutes(9)));
        Assert.Empty(board.Apply(Read(App, Now.AddMinutes(2))).Unread(Given.Account));
    }

    [Fact]
    public void AJobIsFoundByTheNameOfItsRunner()
    {
        var board = Given.Board(Given.Job(1), Given.Job(2, state: JobState.Running, runner: "linux-0-1a2b3c4d"));
        Assert.Equal(2, board.OnRunner(Given.Acme, "linux-0-1a2b3c4d")!.Id);
        Assert.Null(board.OnRunner(Given.Acme, "linux-1-1a2b3c4d"));
        Assert.Null(board.OnRunner(Given.Acme, ""));
    }

    [Fact]
    public void AFaultOfTheAccountConcernsAllItsPools()
    {
        var board = JobBoard.Empty.Apply(AccountUnread(ProblemReason.CredentialsRefused));
        Assert.Equal(ProblemReason.CredentialsRefused, board.ProblemFor(Given.Pool())!.Reason);
        Assert.Null(board.ProblemFor(Given.Pool() with { Account = Given.Account with { Secret = "other" } }));
        Assert.Null(board.Apply(List(Now)).ProblemFor(Given.Pool()));
    }

    [Fact]
    public void AFaultOfAnOwnerConcernsOnlyThePoolsThatServeIt()
    {
        var board = JobBoard.Empty.Apply(AccountUnread(ProblemReason.ScopeNotFound, "acme"));
        var both = Given.Pool(serves: [Given.EachRepository(), Given.Organization()]);
        Assert.Null(board.ProblemFor(both));
        Assert.Single(board.OwnerProblemsFor(both));
        Assert.Empty(board.OwnerProblemsFor(Given.Pool(serves: Given.Organization("other"))));
        Assert.Null(board.ProblemFor(Given.Pool(serves: Given.Organization("other"))));
    }

    private static JobObservation.RepositoryRead Read(RepositoryKey repository, DateTimeOffset at, params Job[] jobs) =>
        new(Given.Account, repository, [.. jobs], at);

    private static JobObservation.RepositoryUnread Unread(RepositoryKey repository, DateTimeOffset at) =>
        new(Given.Account, repository, Given.Problem(ProblemReason.Unreachable), at);

    private static JobObservation.AccountRead List(DateTimeOffset at, params RepositoryKey[] repositories) =>
        new(Given.Account, [.. repositories], at);

    private static JobObservation.AccountUnread AccountUnread(ProblemReason reason, string? owner = null) =>
        new(Given.Account, Given.Problem(reason), Now, owner);

    [Fact]
    public void AJobIsInItsStateSinceItWasFirstReadSo()
    {
        var board = JobBoard.Empty;
        JobState[] states = [JobState.Queued, JobState.Running, JobState.Running, JobState.Completed];
        for (var second = 0; second < states.Length; second++)
        {
            var job = Given.Job(state: states[second], runner: Given.RunnerName(0));
            board = board.Apply(new JobObservation.RepositoryRead(
                Given.Account, Given.Repository(), [job], Given.Now.AddSeconds(second)));
            Assert.Equal(Given.Now.AddSeconds(second == 2 ? 1 : second), board.SinceOf(job));
        }
    }

    private static IEnumerable<long> Ids(JobBoard board, RepositoryKey repository) =>
        board.Reading(Given.Account, repository)!.Jobs.Select(j => j.Id);
}
