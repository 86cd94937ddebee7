using System.Collections.Immutable;
using CsCheck;
using RunnerScaler.Scaling.Jobs;

namespace RunnerScaler.Tests.Scaling;

/// <summary>How many jobs GitHub is told that each scale set may have: a total, not a remainder.</summary>
public sealed class CapacitySharesTests
{
    [Fact]
    public void OfTwentySlotsWithFifteenAssignedFiveMoreAreAndNoSixth()
    {
        var set = new SetLoad(15, 10, 0);
        for (var assigned = 15; assigned <= 20; assigned++)
        {
            set = set with { Promised = CapacityShares.For(20, [set], 0, 0) };
            Assert.Equal(20, set.Promised);
            set = set with { Assigned = Math.Min(assigned + 1, set.Promised) };
        }
        Assert.Equal(20, set.Assigned);
    }

    [Fact]
    public void TheSharesOfAllSetsAddUpToTheFreeSlots() =>
        Gen.Select(Gen.Int[0, 40], Loads(), Gen.Int).Sample((slots, sets, turn) =>
        {
            var capacity = CapacityShares.Of(slots, sets, turn);
            var free = Math.Max(0, slots - sets.Sum(s => s.Assigned));
            return capacity.Zip(sets).Sum(c => c.First - c.Second.Assigned) == (sets.IsEmpty ? 0 : free)
                && capacity.Zip(sets).All(c => c.First >= c.Second.Assigned);
        });

    [Fact]
    public void WhoHasJobsToBeAssignedComesFirstAndTheRestIsSharedEvenly()
    {
        Assert.Equal([8, 1, 1], CapacityShares.Of(10, [new(2, 6, 0), new(0, 0, 0), new(0, 0, 0)], 1));
        Assert.Equal([4, 3, 3], CapacityShares.Of(10, [new(0, 0, 0), new(0, 0, 0), new(0, 0, 0)], 0));
        Assert.Equal([5, 5], CapacityShares.Of(10, [new(0, 99, 0), new(0, 99, 0)], 0));
    }

    [Fact]
    public void WhereThereIsNotEnoughForAllEachHasItsTurn()
    {
        var sets = Enumerable.Repeat(new SetLoad(0, 0, 0), 5).ToImmutableArray();
        var served = Enumerable.Range(0, 5).SelectMany(turn => Enumerable.Range(0, 5)
            .Where(i => CapacityShares.Of(1, sets, turn)[i] > 0));
        Assert.Equal([0, 1, 2, 3, 4], served);
    }

    /// <summary>Sets that ask one after the other, and a GitHub that assigns all that it may at once.</summary>
    [Fact]
    public void InWhateverOrderTheyAskNoMoreJobsAreAssignedThanThereAreSlots() =>
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 5], Gen.Int[0, 4].Array[1, 40]).Sample((slots, count, asks) =>
        {
            var sets = Enumerable.Repeat(new SetLoad(0, 7, 0), count).ToArray();
            for (var turn = 0; turn < asks.Length; turn++)
            {
                var i = asks[turn] % count;
                sets[i] = sets[i] with { Promised = CapacityShares.For(slots, [.. sets], turn, i) };
                sets[i] = sets[i] with { Assigned = Math.Min(sets[i].Promised, sets[i].Assigned + sets[i].Available) };
            }
            return sets.Sum(s => s.Assigned) <= slots;
        });

    [Fact]
    public void ASlotThatAnotherSetWasPromisedIsNotPromisedAgain()
    {
        ImmutableArray<SetLoad> sets = [new(0, 0, 10), new(0, 5, 0)];
        Assert.Equal(0, CapacityShares.For(10, sets, 0, 1));

        // So the other one, which has no job, is asked anew, and after that the first gets what it needs.
        Assert.True(CapacityShares.IsToAskAgain(10, sets, 0, 0));
        Assert.Equal(3, CapacityShares.For(10, sets, 0, 0));
        Assert.Equal(7, CapacityShares.For(10, [sets[0] with { Promised = 3 }, sets[1]], 0, 1));
        Assert.False(CapacityShares.IsToAskAgain(10, [new(0, 0, 3), new(0, 5, 7)], 0, 0));
    }

    [Fact]
    public void WhenThePoolBecomesSmallerWhatIsPromisedBecomesLess()
    {
        Assert.True(CapacityShares.IsToAskAgain(5, [new(2, 0, 10)], 0, 0));
        Assert.Equal(5, CapacityShares.For(5, [new(2, 0, 10)], 0, 0));
        Assert.Equal(7, CapacityShares.For(5, [new(7, 0, 10)], 0, 0));
        Assert.False(CapacityShares.IsToAskAgain(10, [new(2, 0, 10)], 0, 0));
    }

    private static Gen<ImmutableArray<SetLoad>> Loads() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9], Gen.Int[0, 9], (a, b, c) => new SetLoad(a, b, c)).Array[0, 6]
            .Select(all => all.ToImmutableArray());
}
