using System.Collections.Immutable;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The <c>RunnerPool</c> objects as they are, and the status that was written last.</summary>
internal sealed class PoolObjects
{
    private static readonly ResourceType Type =
        new(ResourcePaths.Group, "v1alpha1", "runnerpools", ResourcePaths.PoolKind, true) { IsCustom = true };

    private readonly Env env;
    private readonly SimCluster cluster;
    private readonly Dictionary<PoolKey, Pool> going = [];

    public PoolObjects(Env env, SimCluster cluster)
    {
        (this.env, this.cluster) = (env, cluster);
        cluster.Store.AddType(Type);
        cluster.Changed += _ => NoteGone();
    }

    public ImmutableArray<PoolObject> Now { get; private set; } = [];

    /// <summary>Each pool's latest spec that broke no rule; those that are gone are not among them.</summary>
    public SortedDictionary<PoolKey, Pool> Specs { get; } = [];

    /// <summary>The pools that are gone for now, with their last spec, and when they went.</summary>
    public Dictionary<PoolKey, (Pool Spec, TimeSpan At)> Gone { get; } = [];

    /// <summary>When each pool went that has gone, by its uid; another of its name may be there now.</summary>
    public Dictionary<string, TimeSpan> Departures { get; } = [];

    public Dictionary<PoolKey, PoolReport> Status { get; } = [];

    /// <summary>Whether a pool is being deleted in this very step.</summary>
    public bool IsDeleting { get; private set; }

    /// <summary>Tells of a pool that was changed, in the same step.</summary>
    public event Action<Pool?, Pool>? Changed;

    public PoolObject? Find(PoolKey key) => Now.FirstOrDefault(p => p.Key == key);

    public void Put(Pool pool)
    {
        Replace(pool.Key, pool, null);
        Changed?.Invoke(Specs.GetValueOrDefault(pool.Key), pool);
        Specs[pool.Key] = pool;
        Gone.Remove(pool.Key);
    }

    /// <summary>Somebody writes a spec that breaks a rule.</summary>
    public void Break(PoolKey key) => Replace(key, null, new(ProblemReason.SpecInvalid, "a rule is broken"));

    /// <summary>Whether a pool of this name was deleted and waits for what it owns.</summary>
    public bool IsGoing(PoolKey key) => going.ContainsKey(key);

    /// <summary>A pool is deleted, and the garbage collector does its work.</summary>
    public void Delete(PoolKey key, DeleteOptions way)
    {
        going[key] = Specs[key];
        Specs.Remove(key);
        if (Find(key) is { Pool: { } pool } found)
            Now = Now.Replace(found, found with { Pool = pool with { Deleting = true } });
        IsDeleting = true;
        cluster.Write(s => s.Delete(Type, key.Namespace, key.Name, way));
        IsDeleting = false;
        NoteGone();
    }

    private void NoteGone()
    {
        foreach (var (key, spec) in going.ToArray())
        {
            if (cluster.Store.Find(Type, key.Namespace, key.Name) is not null)
                continue;
            going.Remove(key);
            Gone[key] = (spec, env.Scheduler.Elapsed);
            Departures[Find(key)!.Uid] = env.Scheduler.Elapsed;
            Status.Remove(key);
            Now = Now.RemoveAll(p => p.Key == key);
        }
    }

    private void Replace(PoolKey key, Pool? pool, Problem? fault)
    {
        var before = Find(key);
        var after = new PoolObject(key, (before?.Generation ?? 0) + 1, pool, fault)
        {
            Uid = before?.Uid ?? Make(key),
        };
        Now = before is null ? Now.Add(after) : Now.Replace(before, after);
    }

    private string Make(PoolKey key) => cluster.Write(s => s.Create(
        Type, key.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = key.Name } })).Uid;
}
