using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Rules;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>How a write is made.</summary>
/// <param name="DryRun">Answer as if, but commit nothing.</param>
internal sealed record WriteOptions(bool DryRun = false)
{
    public static WriteOptions Default { get; } = new();
}

/// <summary>
/// The state of a cluster as its API server shows it. Synchronous and deterministic: it starts no threads and no
/// timers, the clock and the randomness (uids, generated names) are injected, and one lock makes every call atomic.
/// It serves <c>KubeApi</c> over HTTP and simulations directly. Every refusal is a <see cref="KubeFailure"/>.
/// </summary>
internal sealed partial class ObjectStore
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Identities ids;
    private readonly CommittedState committed;
    private readonly OwnerGarbageCollection garbage;
    private readonly Dictionary<string, ResourceType> types = new(StringComparer.Ordinal);

    /// <param name="historyLength">How many changes of each type a watch can look back at.</param>
    public ObjectStore(TimeProvider time, Random random, int historyLength = 4096)
    {
        this.time = time;
        ids = new Identities(random);
        committed = new CommittedState(historyLength);
        garbage = new OwnerGarbageCollection(this);
        foreach (var type in KnownTypes.All)
            AddType(type);
        foreach (var name in (string[])["default", "kube-system", "kube-node-lease"])
            Create(KnownTypes.Namespaces, null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
    }

    /// <summary>The clock that the store stamps with.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The resourceVersion of the latest write.</summary>
    public long Version
    {
        get
        {
            lock (gate)
                return committed.Version;
        }
    }

    /// <summary>All types that are served now, with those that CustomResourceDefinitions declare.</summary>
    public IReadOnlyList<ResourceType> Types
    {
        get
        {
            lock (gate)
                return [.. types.Values.OrderBy(t => t.Resource, StringComparer.Ordinal)];
        }
    }

    /// <summary>The type under a group, version and plural; null when it is not served.</summary>
    public ResourceType? FindType(string group, string version, string plural)
    {
        lock (gate)
            return types.GetValueOrDefault($"{group}/{version}/{plural}");
    }

    /// <summary>Creates an object; <paramref name="body"/> is not changed.</summary>
    /// <exception cref="KubeFailure">409 when the name is taken, 422 when the object is invalid, 404 without its
    /// namespace.</exception>
    public StoredObject Create(ResourceType type, string? ns, JsonObject body, WriteOptions? options = null)
    {
        lock (gate)
        {
            var value = Creation.Prepare(type, ns, body, Now, ids);
            if (type.Namespaced)
                RequireNamespace(type, ns!, value);
            TypeRules.Admit(committed.Table(type).Type, value, Now);
            if (committed.Table(type).Find(ns, value.Text("metadata", "name")!) is { } existing)
                throw KubeFailure.AlreadyExists(existing);
            if (options?.DryRun == true)
                return new StoredObject(type, value, 0);
            var created = committed.Put(type, null, value);
            garbage.OfCreation(created);
            return created;
        }
    }

    /// <summary>The object's current state, or null.</summary>
    public StoredObject? Find(ResourceType type, string? ns, string name)
    {
        lock (gate)
            return committed.Table(type).Find(type.Namespaced ? ns : null, name);
    }

    /// <summary>The object's current state.</summary>
    /// <exception cref="KubeFailure">404 when there is none.</exception>
    public StoredObject Get(ResourceType type, string? ns, string name) =>
        Find(type, ns, name) ?? throw KubeFailure.NotFound(type, name);

    /// <summary>Replaces an object; with a resourceVersion in it only when that is still the current one.</summary>
    /// <exception cref="KubeFailure">404, 409 when it was changed meanwhile, 422 when it is invalid.</exception>
    public StoredObject Update(
        ResourceType type, string? ns, string name, JsonObject body, Part part = Part.Main,
        WriteOptions? options = null)
    {
        lock (gate)
        {
            Revision.RequireName(body, name);
            if (Find(type, ns, name) is { } current)
                return Commit(current, Revision.Prepare(current, body.DeepClone().AsObject(), part), part, options);
            if (type.CreatesOnUpdate && part == Part.Main && string.IsNullOrEmpty(body.Text("metadata", "uid")))
                return Create(type, ns, body, options);
            throw KubeFailure.NotFound(type, name);
        }
    }

    /// <summary>
    /// Changes an object by a function of its current state, atomically; the result may be the argument, edited.
    /// </summary>
    /// <exception cref="KubeFailure">404, 422 when the result is invalid, or whatever the function throws.</exception>
    public StoredObject Modify(
        ResourceType type, string? ns, string name, Func<JsonObject, JsonObject> change, Part part = Part.Main,
        WriteOptions? options = null)
    {
        lock (gate)
        {
            var current = Get(type, ns, name);
            return Commit(current, Revision.Prepare(current, change(current.Copy()), part), part, options);
        }
    }

    /// <summary>Deletes an object, or marks it when a node or finalizers must let it go first.</summary>
    /// <exception cref="KubeFailure">404, or 409 when a precondition does not hold.</exception>
    public DeleteResult Delete(ResourceType type, string? ns, string name, DeleteOptions? options = null)
    {
        lock (gate)
        {
            var current = Get(type, ns, name);
            options ??= DeleteOptions.Default;
            if (options is { Foreground: true, DryRun: false })
                current = garbage.OfForegroundDeletion(current);
            var waiting = Deletion.Waiting(current, options, Now);
            if (options.DryRun)
                return new DeleteResult(current, waiting is null);
            if (waiting is not null)
            {
                if (!ReferenceEquals(waiting, current.Value))
                    current = committed.Put(type, current, waiting);
                if (options.Foreground)
                    garbage.CollectDependentsOf(current);
                return new DeleteResult(current, Find(type, ns, name) is null);
            }
            if (type == KnownTypes.Pods)
                current = committed.Put(type, current, Deletion.Marked(current, 0, Now));
            var removed = committed.Remove(current);
            garbage.OfRemoval(removed, options.Orphan);
            return new DeleteResult(removed, true);
        }
    }

    /// <summary>
    /// Forgets the history, as etcd's compaction does: open watches and older versions get 410 Expired.
    /// </summary>
    public void Compact()
    {
        lock (gate)
            committed.Compact();
    }

    internal void AddType(ResourceType type)
    {
        types[$"{type.Group}/{type.Version}/{type.Plural}"] = type;
        committed.AddTable(type);
    }

    internal void RemoveType(ResourceType type)
    {
        types.Remove($"{type.Group}/{type.Version}/{type.Plural}");
        committed.RemoveTable(type);
    }

    internal CommittedState Committed => committed;

    private StoredObject Commit(StoredObject current, JsonObject next, Part part, WriteOptions? options)
    {
        var type = committed.Table(current.Type).Type;
        TypeRules.AdmitChange(type, current.Value, next);
        if (JsonNode.DeepEquals(current.Value, next))
            return current;
        if (part == Part.Main)
            Revision.CountGeneration(type, current.Value, next);
        if (options?.DryRun == true)
            return new StoredObject(type, next, current.Version);
        if (!Deletion.IsOver(current.Value, next))
        {
            var changed = committed.Put(type, current, next);
            garbage.OfChange(current, changed);
            return changed;
        }
        var removed = committed.Remove(current, next);
        garbage.OfRemoval(removed, orphan: false);
        return removed;
    }

    private void RequireNamespace(ResourceType type, string name, JsonObject value)
    {
        var ns = Get(KnownTypes.Namespaces, null, name);
        if (ns.Value.IsDeleting())
        {
            throw KubeFailure.Forbidden(type, value.Text("metadata", "name")!,
                $"unable to create new content in namespace {name} because it is being terminated");
        }
    }
}
