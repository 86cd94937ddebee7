using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The cluster's state, and who is told at once of every change: nodes and the checks of promises.</summary>
internal sealed class SimCluster
{
    private WatchCursor cursor;

    public SimCluster(Env env)
    {
        Store = new ObjectStore(env.World.Clock, new Random(env.Random.Next()), historyLength: 512);
        cursor = Store.Watch(KnownTypes.Pods);
    }

    /// <summary>Tells of each change of a pod, in the step in which it is made.</summary>
    public event Action<WatchEvent>? Changed;

    public ObjectStore Store { get; }

    public IReadOnlyList<StoredObject> Pods => Store.List(KnownTypes.Pods).Items;

    public StoredObject? FindPod(string name) => Store.Find(KnownTypes.Pods, PodObjects.Namespace, name);

    /// <summary>The pod of this name, if it is still the one of this uid.</summary>
    public StoredObject? FindPod(string name, string uid) => FindPod(name) is { } pod && pod.Uid == uid ? pod : null;

    /// <summary>Changes the store, and tells.</summary>
    public T Write<T>(Func<ObjectStore, T> change)
    {
        var result = change(Store);
        while (cursor.TryNext(out var next))
            Changed?.Invoke(next);
        return result;
    }

    /// <summary>Deletes a pod, if it is still the one of this uid.</summary>
    /// <param name="grace">Seconds that it gets to end; null for its own.</param>
    public void Delete(string name, string uid, long? grace = null)
    {
        if (FindPod(name, uid) is not null)
            Write(s => s.Delete(KnownTypes.Pods, PodObjects.Namespace, name, new(GraceSeconds: grace, Uid: uid)));
    }

    /// <summary>Forgets the history: every open watch gets 410.</summary>
    public void Compact()
    {
        Store.Compact();
        cursor = Store.Watch(KnownTypes.Pods, null, Store.Version);
    }
}
