namespace RunnerScaler.GitHub.Http;

/// <summary>
/// A limit of what may be spent in any span of time, wherever it begins. What was spent within a tick of time counts
/// until the tick's last spending is a span old, so that the memory is bounded and the limit holds. Not thread-safe.
/// </summary>
/// <param name="limit">How much may be spent in any span; more than 0.</param>
/// <param name="span">How long a spending counts.</param>
internal sealed class SlidingWindow(double limit, TimeSpan span)
{
    private const int Ticks = 600;

    /// <summary>What a refusal leaves at least, as a part of the limit.</summary>
    private const double LeastPart = 1.0 / 16;

    /// <summary>How long it takes to earn one more sixteenth of the limit back.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly Queue<Spending> spendings = new();
    private Spending last;
    private double spent;
    private double part = 1;
    private TimeSpan partSince;

    /// <summary>How much of the limit is used: 1 unless GitHub has refused lately.</summary>
    public double Part => part;

    /// <summary>How much was spent within the span.</summary>
    public double Spent(TimeSpan now)
    {
        Forget(now);
        return spent;
    }

    /// <summary>How long to wait until so much fits; nothing if it fits now.</summary>
    /// <param name="amount">What is to be spent; no more than the limit ever counts.</param>
    /// <param name="now">The time by a clock that never goes back.</param>
    public TimeSpan WaitFor(double amount, TimeSpan now)
    {
        Forget(now);
        var most = limit * part;
        var excess = spent + Math.Min(amount, most) - most;
        if (excess <= 0)
            return TimeSpan.Zero;
        foreach (var spending in spendings.Append(last))
        {
            excess -= spending.Amount;
            if (excess <= 0)
                return Later(spending.At + span - now);
        }
        return span;
    }

    public void Spend(double amount, TimeSpan now)
    {
        Forget(now);
        if (last.Amount > 0 && now - last.Since < span / Ticks)
        {
            last = last with { At = now, Amount = last.Amount + amount };
        }
        else
        {
            if (last.Amount > 0)
                spendings.Enqueue(last);
            last = new(now, now, amount);
        }
        spent += amount;
    }

    /// <summary>GitHub's limit is lower than this one: half of it is used from now on, and slowly more again.</summary>
    public void Halve(TimeSpan now)
    {
        Forget(now);
        (part, partSince) = (Math.Max(part / 2, LeastPart), now);
    }

    private void Forget(TimeSpan now)
    {
        while (spendings.TryPeek(out var first) && now - first.At >= span)
            spent -= spendings.Dequeue().Amount;
        if (last.Amount > 0 && now - last.At >= span)
            (spent, last) = (0, default);
        for (; part < 1 && now - partSince >= Recovery; partSince += Recovery)
            part = Math.Min(1, part + LeastPart);
    }

    // A timer that is a hair early would only have to be set again.
    private static TimeSpan Later(TimeSpan wait) => wait > Shortest ? wait : Shortest;

    /// <param name="Since">The first of the tick.</param>
    /// <param name="At">The last of the tick: all of it counts as spent then.</param>
    /// <param name="Amount">How much.</param>
    private readonly record struct Spending(TimeSpan Since, TimeSpan At, double Amount);
}
