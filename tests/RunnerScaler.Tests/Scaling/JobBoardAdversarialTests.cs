using System.Collections.Immutable;
using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class JobBoardAdversarialTests
{
    private static readonly RepositoryKey[] Repositories =
        [.. new[] { "acme/app", "acme/lib", "other/app" }.Select(Given.Repository)];

    private static readonly Gen<JobObservation> AnyObservation = Gen.Select(
        Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 60], (kind, repository, count, second) =>
        {
            var (key, at) = (Repositories[repository], Given.Now.AddSeconds(second));
            return (JobObservation)(kind switch
            {
                < 4 => new JobObservation.RepositoryRead(Given.Account, key, [.. Given.Jobs(count, key.ToString())],
                    at),
                < 7 => new JobObservation.RepositoryUnread(Given.Account, key, Given.Problem(ProblemReason.Unreachable),
                    at),
                7 => new JobObservation.AccountRead(Given.Account, [.. Repositories.Take(repository + 1)], at),
                8 => new JobObservation.AccountUnread(Given.Account, Given.Problem(ProblemReason.RateLimited), at,
                    key.Owner),
                _ => new JobObservation.AccountForgotten(Given.Account, at),
            });
        });

    [Fact]
    public void NoFailureEverRemovesAJob() =>
        AnyObservation.Array[0, 30].Sample(observations =>
        {
            var board = JobBoard.Empty;
            foreach (var observation in observations)
            {
                var next = board.Apply(observation);
                if (observation is JobObservation.RepositoryUnread or JobObservation.AccountUnread)
                    Assert.Equal(JobsOf(board), JobsOf(next));
                board = next;
            }
        });

    [Fact]
    public void TheLastReadingByTimeWinsInWhateverOrderTheyCome() =>
        Gen.Shuffle(Enumerable.Range(0, 8).ToArray()).Sample(order =>
        {
            var board = order.Aggregate(JobBoard.Empty, (b, i) => b.Apply(new JobObservation.RepositoryRead(
                Given.Account, Repositories[0], [Given.Job(i)], Given.Now.AddSeconds(i))));
            Assert.Equal(7, Assert.Single(board.Reading(Given.Account, Repositories[0])!.Jobs).Id);
        });

    [Fact]
    public void RepeatingAnObservationChangesNothing() =>
        AnyObservation.Array[1, 20].Sample(observations =>
        {
            var once = observations.Aggregate(JobBoard.Empty, (b, o) => b.Apply(o));
            Assert.Equal(JobsOf(once), JobsOf(once.Apply(observations[^1])));
        });

    [Fact]
    public void TwoOwnersThatCannotBeReadAreBothKnownToBe()
    {
        var board = JobBoard.Empty
            .Apply(new JobObservation.AccountUnread(
                Given.Account, Given.Problem(ProblemReason.ScopeNotFound), Given.Now,
                "acme"))
            .Apply(new JobObservation.AccountUnread(Given.Account, Given.Problem(ProblemReason.PermissionMissing),
                Given.Now, "other"));
        Assert.Equal(ProblemReason.ScopeNotFound, board.ProblemFor(Given.Pool())!.Reason);
        Assert.Equal(ProblemReason.PermissionMissing,
            board.ProblemFor(Given.Pool(serves: Given.Organization("other")))!.Reason);
    }

    [Fact]
    public void AFaultThatAPersonMustMendIsToldBeforeOneThatPasses()
    {
        var board = JobBoard.Empty
            .Apply(new JobObservation.AccountUnread(Given.Account, Given.Problem(ProblemReason.PermissionMissing),
                Given.Now, "acme"))
            .Apply(new JobObservation.AccountUnread(
                Given.Account, Given.Problem(ProblemReason.RateLimited), Given.Now));
        Assert.Equal(ProblemReason.PermissionMissing, board.ProblemFor(Given.Pool())!.Reason);
        Assert.Equal(ProblemReason.RateLimited,
            board.ProblemFor(Given.Pool(serves: Given.Organization("other")))!.Reason);
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    [InlineData("c", "a")]
    public void OfTwoAccountsEachSpeaksForItsOwnRunnersOnly(string first, string last)
    {
        var running = Given.Job(state: JobState.Running, runner: "linux-0-1a2b3c4d");
        var ended = running with { State = JobState.Completed };
        var board = JobBoard.Empty
            .Apply(new JobObservation.RepositoryRead(Given.Account with { Secret = last }, Repositories[0], [ended],
                Given.Now))
            .Apply(new JobObservation.RepositoryRead(
                Given.Account with { Secret = first }, Repositories[0], [running], Given.Now.AddSeconds(-1)));
        Assert.Equal(JobState.Completed, On(last)!.State);
        Assert.Equal(JobState.Running, On(first)!.State);
        Assert.Null(On("another"));

        Job? On(string secret) => board.OnRunner(
            Given.Acme with { Account = Given.Account with { Secret = secret } }, "linux-0-1a2b3c4d");
    }

    [Fact]
    public void ABoardIsNotChangedByWhatIsAppliedToIt()
    {
        var board = Given.Board(Given.Job());
        board.Apply(new JobObservation.AccountForgotten(Given.Account, Given.Now));
        Assert.Single(board.Readings);
    }

    private static ImmutableArray<(RepositoryKey, long)> JobsOf(JobBoard board) =>
        [.. board.Readings.SelectMany(r => r.Jobs.Select(j => (r.Repository, j.Id)))
            .OrderBy(j => j.Item1.ToString(), StringComparer.Ordinal).ThenBy(j => j.Id)];
}
