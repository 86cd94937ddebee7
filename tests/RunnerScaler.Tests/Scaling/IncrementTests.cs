using System.Collections.Immutable;
using CsCheck;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

/// <summary>What is kept from board to board is what would be computed from nothing.</summary>
public sealed class IncrementTests
{
    private static readonly AccountKey Other = Given.Account with { Secret = "other" };
    private static readonly AccountKey Assigned = Given.Account with { ScaleSetsOf = "sets" };
    private static readonly string[] Repositories = ["acme/app", "acme/lib", "alice/app"];
    private static readonly string?[] Runners = [null, Given.RunnerName(0), "gpu-3-1a2b3c4d", "sets-0-1a2b3c4d"];

    private static readonly ImmutableArray<Pool> Pools =
    [
        Given.Pool("linux"),
        Given.Pool("gpu", labels: "self-hosted linux gpu") with { RefusesForks = true },
        Given.Pool("alice", serves: Given.EachRepository()) with { Account = Other },
        Given.Pool("sets", labels: "sets") with { Account = Assigned },
    ];

    private static Gen<Job> Job => Gen.Select(
        Gen.Int[1, 6], Gen.Enum<JobState>(), Gen.OneOf("linux", "gpu", "linux x", "ubuntu-latest"),
        Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 5],
        (id, state, labels, runner, fork, age) => Given.Job(
            id, labels: labels, state: state, age: TimeSpan.FromMinutes(age), runner: Runners[runner]) with
        {
            FromFork = fork,
        });

    private static Gen<Step> Observation => Gen.Select(
        Gen.Int[0, 9], Gen.OneOf(Given.Account, Other, Assigned), Gen.Int[0, 2], Job.Array[0, 6], Gen.Int[-3, 0],
        (kind, account, repository, jobs, late) => new Step(kind, account, repository, jobs, late));

    [Fact]
    public void TheDemandIsThatOfTheBoardAloneAfterAnyObservations() => Observation.Array[1, 25].Sample(steps =>
    {
        var (board, demand, pools) = (JobBoard.Empty, Demand.Share(JobBoard.Empty, Pools), Pools);
        for (var i = 0; i < steps.Length; i++)
        {
            board = board.Apply(steps[i].At(i));
            if (steps[i].ChangesPools)
                pools = [.. pools.Select((p, n) => n == i % pools.Length ? p with { Priority = i } : p)];
            demand = Demand.Share(board, pools, demand);
            var alone = Demand.Share(board, pools);
            // Not each time: what nobody has asked for in between must be right, too.
            if (i % 2 == 0 || i == steps.Length - 1)
                foreach (var pool in pools)
                    AssertSame(alone.Of(pool.Key), demand.Of(pool.Key));
        }
    });

    [Fact]
    public void AJobIsFoundByItsRunnerAsInTheReadingsThatAreKnown() => Observation.Array[1, 25].Sample(steps =>
    {
        var board = JobBoard.Empty;
        for (var i = 0; i < steps.Length; i++)
        {
            board = board.Apply(steps[i].At(i));
            foreach (var target in Targets)
                foreach (var runner in Runners.OfType<string>())
                {
                    var last = board.Readings.OrderBy(r => r.ReadAt)
                        .Where(r => r.Account == target.Account && r.Repository.Owner == target.Owner)
                        .Where(r => target.Repository is null || r.Repository.Name == target.Repository)
                        .SelectMany(r => r.Jobs.Where(j => j.RunnerName == runner).Select(j => (Job: j, Reading: r)))
                        .LastOrDefault();
                    Assert.Equal(last.Job, board.OnRunner(target, runner));
                    if (last.Job is not null)
                        Assert.NotNull(board.SinceOf(last.Job));
                }
        }
    });

    [Fact]
    public void APoolThatNothingHappenedToIsNotComputedAgain()
    {
        var board = Given.Board(Given.Job(1), Given.Job(2, "acme/lib", "self-hosted gpu"));
        var before = Demand.Share(board, Pools);
        var (linux, gpu) = (before.Of(new("ci", "linux")), before.Of(new("ci", "gpu")));

        var after = Demand.Share(board.Apply(new Step(0, Given.Account, 0, [Given.Job(3)], 0).At(1)), Pools, before);

        Assert.Single(gpu.Queued);
        Assert.Same(gpu, after.Of(new("ci", "gpu")));
        Assert.NotSame(linux, after.Of(new("ci", "linux")));
    }

    private static IEnumerable<RegistrationTarget> Targets =>
        from account in new[] { Given.Account, Other, Assigned }
        from at in new[] { ("acme", null), ("acme", "app"), ("alice", "app"), ("acme", "lib") }
        select new RegistrationTarget(account, at.Item1, at.Item2);

    private static void AssertSame(PoolDemand expected, PoolDemand actual)
    {
        // Two repositories may tell of one number; which of them comes first is nobody's concern.
        static IEnumerable<KnownJob> Ordered(IEnumerable<KnownJob> jobs) => jobs
            .OrderBy(k => k.Job.Id).ThenBy(k => $"{k.Job.Repository}").ThenBy(k => k.ReadAt);

        Assert.Equal(expected.Running, actual.Running);
        Assert.Equal(Ordered(expected.Queued), Ordered(actual.Queued));
        Assert.Equal(expected.Queued.Select(k => k.Job.Id), actual.Queued.Select(k => k.Job.Id));
        Assert.Equal(expected.Unmatched.Select(j => j.Id), actual.Unmatched.Select(j => j.Id));
        Assert.Equal(expected.Unmatched.ToHashSet(), actual.Unmatched.ToHashSet());
    }

    /// <summary>Something that is observed, a second after the one before it or told of late.</summary>
    private sealed record Step(int Kind, AccountKey Account, int Repository, Job[] Jobs, int Late)
    {
        public bool ChangesPools => Kind == 9;

        public JobObservation At(int index)
        {
            var (at, here) = (Given.Now.AddSeconds(index + (Late * 2.3)), Given.Repository(Repositories[Repository]));
            return Kind switch
            {
                6 => new JobObservation.RepositoryUnread(Account, here, Given.Problem(ProblemReason.Unreachable), at),
                7 => new JobObservation.AccountRead(Account, [here], at),
                8 => new JobObservation.AccountForgotten(Account, at),
                _ => new JobObservation.RepositoryRead(
                    Account, here, [.. Jobs.DistinctBy(j => j.Id).Select(j => j with { Repository = here })], at),
            };
        }
    }
}
