using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// Who may use the runner groups whose runners are passed over. Read when that is asked for, and not again for a while.
/// </summary>
internal sealed class GroupWatch(IRunnerRegistrar registrar, WriteBounds bounds, Queues queues, TimeProvider time)
{
    /// <summary>How long an answer, or that there was none, is good for.</summary>
    internal static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(PoolKey Pool, RegistrationTarget Target), GroupReading> looks = new();

    /// <summary>Tells of a pool whose group has other rules than it had.</summary>
    public event Action<PoolKey>? Changed;

    /// <summary>The rules of the group in which the pool's runners at this target are, as far as is known.</summary>
    public GroupRules? Of(Pool pool, RegistrationTarget target)
    {
        var key = (pool.Key, target);
        var known = looks.GetValueOrDefault(key);
        var now = time.GetUtcNow();
        if (target.Repository is null && !(known is not null && now < known.At + KeptFor))
        {
            looks[key] = new(now, known?.Rules);
            bounds.Grants.Start(() => ReadAsync(key, pool.GroupAt(target)));
        }
        return known?.Rules;
    }

    public void Forget(PoolKey pool)
    {
        foreach (var key in looks.Keys.Where(k => k.Pool == pool))
            looks.TryRemove(key, out _);
    }

    private async Task ReadAsync((PoolKey Pool, RegistrationTarget Target) key, string? group)
    {
        if (await registrar.GroupAsync(key.Target, group, CancellationToken.None) is not { } rules
            || !looks.TryGetValue(key, out var known))
            return;
        looks[key] = known with { Rules = rules };
        if (known.Rules is not null && known.Rules != rules)
            Changed?.Invoke(key.Pool);
        queues.Pools.Add(key.Pool);
    }

    private sealed record GroupReading(DateTimeOffset At, GroupRules? Rules);
}
