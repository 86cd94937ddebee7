using RunnerScaler.GitHub.Accounts;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.GitHub.Queue;

/// <summary>Whose turn it is to be read, of an account's repositories.</summary>
internal sealed class Turns(
    GitHubOptions options,
    TimeProvider time,
    IReadOnlyDictionary<RepositoryKey, PolledRepository> repositories,
    UnderWay underWay)
{
    private const int MostUnderWay = 16;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>A reading that takes longer holds no place that another could use.</summary>
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(2);

    /// <summary>The repositories to begin with now, the most pressing first.</summary>
    /// <param name="account">Whose budget is used.</param>
    /// <param name="atMost">No more than these.</param>
    public List<PolledRepository> Due(Account account, int atMost)
    {
        var places = Math.Min(Places(account), atMost);
        if (places <= 0)
            return [];
        var (now, plan) = (time.GetUtcNow(), Plan(account));
        return [.. Idle()
            .Select(r => (Repository: r, At: DueAt(r, plan)))
            .Where(d => d.At <= now)
            .OrderBy(d => d.Repository.LastTier)
            .ThenBy(d => d.At)
            .ThenBy(d => d.Repository.Key.ToString(), StringComparer.Ordinal)
            .Take(places)
            .Select(d => d.Repository)];
    }

    /// <summary>
    /// How many readings may begin. Slow ones are not counted, up to a bound, unless it is our own pace that slows all.
    /// </summary>
    public int Places(Account account)
    {
        var all = underWay.Count<RepositoryKey>();
        var counted = account.ReadsWait ? all : all - underWay.Count<RepositoryKey>(SlowAfter);
        return Math.Min(options.ReadParallelism - counted, Math.Max(MostUnderWay, options.ReadParallelism) - all);
    }

    /// <summary>When the next turn comes, of those that are not being read.</summary>
    public DateTimeOffset Next(Account account)
    {
        var plan = Plan(account);
        return Idle().Select(r => DueAt(r, plan)).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
    }

    /// <summary>What reading takes of each budget at the present cadence, by its holder.</summary>
    public Dictionary<string, ReadingLoad> Loads(Account account)
    {
        var plan = Plan(account);
        return repositories.Values.GroupBy(r => account.HolderOf(r.Key.Owner)).ToDictionary(
            of => of.Key,
            of => new ReadingLoad(
                of.Count(),
                of.Sum(r => r.Cost),
                of.Sum(r => r.Cost * (Hour / plan[r.LastTier])),
                plan.Cold));
    }

    private IEnumerable<PolledRepository> Idle() => repositories.Values.Where(r => !underWay.Has(r.Key));

    private PollPlan Plan(Account account)
    {
        var costs = new Dictionary<Tier, double>();
        foreach (var repository in repositories.Values)
        {
            var tier = underWay.Has(repository.Key)
                ? repository.LastTier
                : repository.TierAt(options, time.GetUtcNow());
            costs[tier] = costs.GetValueOrDefault(tier) + repository.Cost;
        }
        var stretch = repositories.Keys.Select(k => k.Owner).Distinct()
            .Select(o => account.BudgetOf(o).Stretch)
            .DefaultIfEmpty(1)
            .Max();
        return PollPlan.For(options, costs, stretch, account.WritePoints);
    }

    private static DateTimeOffset DueAt(PolledRepository repository, PollPlan plan) =>
        repository.DueAt(plan[repository.LastTier]);
}
