using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>
/// How many jobs each scale set of a pool may have assigned to it: those that are, and its share of the slots that no
/// assigned job claims. The shares add up to these, so that a full pool is assigned no further job.
/// </summary>
internal static class CapacityShares
{
    /// <param name="slots">How many slots the pool has.</param>
    /// <param name="sets">Its scale sets.</param>
    /// <param name="turn">Who is first where there is not enough for all: any number, another each time.</param>
    /// <returns>For each set, how many jobs it may have in all.</returns>
    public static ImmutableArray<int> Of(int slots, ImmutableArray<SetLoad> sets, int turn)
    {
        if (sets.IsEmpty)
            return [];
        var capacity = sets.Select(s => s.Assigned).ToArray();
        var free = Math.Max(0, slots - capacity.Sum());
        var first = (int)((uint)turn % (uint)sets.Length);

        // First whoever has jobs to be assigned, then all, in case they will.
        while (free > 0 && Round(i => capacity[i] - sets[i].Assigned < sets[i].Available))
        {
        }
        var each = free / sets.Length;
        for (var i = 0; i < capacity.Length; i++)
            capacity[i] += each;
        free -= each * sets.Length;
        Round(_ => true);
        return [.. capacity];

        bool Round(Func<int, bool> isMeant)
        {
            var before = free;
            for (var n = 0; n < capacity.Length && free > 0; n++)
            {
                var i = (first + n) % capacity.Length;
                if (isMeant(i))
                    (capacity[i], free) = (capacity[i] + 1, free - 1);
            }
            return free < before;
        }
    }

    /// <summary>
    /// The same, without promising a slot that another set's open question has been promised: what may be said to
    /// <paramref name="set"/> now.
    /// </summary>
    /// <param name="slots">How many slots the pool has.</param>
    /// <param name="sets">Its scale sets.</param>
    /// <param name="turn">See <see cref="Of"/>.</param>
    /// <param name="set">Whose question it is.</param>
    public static int For(int slots, ImmutableArray<SetLoad> sets, int turn, int set)
    {
        var promised = sets.Where((_, i) => i != set).Sum(s => Math.Max(s.Assigned, s.Promised));
        var share = Math.Min(Of(slots, sets, turn)[set], slots - promised);
        return Math.Max(sets[set].Assigned, share);
    }

    /// <summary>
    /// Whether the open question of <paramref name="set"/> should be asked anew with another number: jobs wait that
    /// could be assigned if the slots were shared out otherwise, or more is promised than there is.
    /// </summary>
    public static bool IsToAskAgain(int slots, ImmutableArray<SetLoad> sets, int turn, int set)
    {
        var mine = sets[set];
        var next = For(slots, sets, turn, set);
        var some = sets.Any(s => s.Available > 0 && s.Available > s.Promised - s.Assigned);
        var isTooMuch = sets.Sum(s => Math.Max(s.Assigned, s.Promised)) > slots;
        return some ? next != mine.Promised : isTooMuch && next < mine.Promised;
    }
}

/// <summary>What a scale set has and wants.</summary>
/// <param name="Assigned">The jobs that are its.</param>
/// <param name="Available">Those that could be besides.</param>
/// <param name="Promised">How many jobs in all it was last said that it may have.</param>
internal readonly record struct SetLoad(int Assigned, int Available, int Promised);
