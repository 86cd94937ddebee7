using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Schema;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// What the controllers of a real cluster do after a write, done here at once: the garbage collector deletes
/// dependents (the owner goes first, or waits for them where that is asked for), namespaces take their content with
/// them, definitions make their API appear and disappear. Service accounts are not made, as by a bare API server: a
/// cluster's user does.
/// </summary>
internal sealed class OwnerGarbageCollection(ObjectStore store)
{
    private const string Foreground = "foregroundDeletion";

    public void OfCreation(StoredObject item)
    {
        if (item.Type == KnownTypes.CustomResourceDefinitions)
            store.AddType(CustomTypes.TypeOf(item.Value));
        Collect(item);
    }

    public void OfChange(StoredObject before, StoredObject item)
    {
        if (item.Type == KnownTypes.CustomResourceDefinitions)
            store.AddType(CustomTypes.TypeOf(item.Value));
        foreach (var owner in OwnersOf(before).Except(OwnersOf(item)))
            Release(owner);
    }

    /// <summary>Holds an owner back while dependents block its deletion.</summary>
    public StoredObject OfForegroundDeletion(StoredObject item) => !IsBlocked(item)
        ? item
        : store.Modify(item.Type, item.Namespace, item.Name, value =>
        {
            var others = Finalizers(value).Where(f => f != Foreground);
            value.Metadata()["finalizers"] = new JsonArray([.. others.Append(Foreground).Select(f => (JsonNode)f)]);
            return value;
        });

    public void CollectDependentsOf(StoredObject owner)
    {
        foreach (var item in store.Committed.DependentsOf(owner.Uid))
            store.Delete(item.Type, item.Namespace, item.Name, new DeleteOptions(Uid: item.Uid));
    }

    public void OfRemoval(StoredObject item, bool orphan)
    {
        foreach (var dependent in store.Committed.DependentsOf(item.Uid))
        {
            if (orphan)
                Disown(dependent, item.Uid);
            else
                Collect(dependent);
        }
        foreach (var owner in OwnersOf(item))
            Release(owner);
        if (item.Type == KnownTypes.Namespaces)
            Empty(item.Name);
        else if (item.Type == KnownTypes.CustomResourceDefinitions)
            RemoveType(CustomTypes.TypeOf(item.Value));
    }

    /// <summary>Deletes an object all of whose owners are gone.</summary>
    private void Collect(StoredObject item)
    {
        var owners = OwnersOf(item).ToList();
        if (owners.Count > 0 && owners.TrueForAll(o => store.Committed.FindByUid(o) is null))
            store.Delete(item.Type, item.Namespace, item.Name, new DeleteOptions(Uid: item.Uid));
    }

    /// <summary>Lets an owner go that waited for its dependents, if none holds it any more.</summary>
    private void Release(string uid)
    {
        if (store.Committed.FindByUid(uid) is { } owner && owner.Value.IsDeleting()
            && Finalizers(owner.Value).Contains(Foreground) && !IsBlocked(owner))
            store.Modify(owner.Type, owner.Namespace, owner.Name, value =>
            {
                var others = Finalizers(value).Where(f => f != Foreground);
                value.Metadata()["finalizers"] = new JsonArray([.. others.Select(f => (JsonNode)f)]);
                return value;
            });
    }

    private bool IsBlocked(StoredObject owner) => store.Committed.DependentsOf(owner.Uid).Any(d =>
        d.Value.Objects("metadata", "ownerReferences")
            .Any(o => o.Text("uid") == owner.Uid && o.IsTrue("blockOwnerDeletion")));

    private static IEnumerable<string> OwnersOf(StoredObject item) =>
        item.Value.Objects("metadata", "ownerReferences").Select(o => o.Text("uid") ?? "");

    private static List<string> Finalizers(JsonObject value) =>
        value.At("metadata", "finalizers") is JsonArray list
            ? [.. list.Select(f => f?.GetValue<string>() ?? "")]
            : [];

    private void Disown(StoredObject item, string owner) =>
        store.Modify(item.Type, item.Namespace, item.Name, value =>
        {
            var kept = value.Objects("metadata", "ownerReferences").Where(o => o.Text("uid") != owner);
            value.Metadata()["ownerReferences"] = new JsonArray([.. kept.Select(o => o.DeepClone())]);
            return value;
        });

    private void Empty(string ns)
    {
        var all = store.Committed.Tables.ToList().SelectMany(t => t.All.ToList());
        foreach (var item in all.Where(o => o.Namespace == ns))
        {
            if (store.Find(item.Type, ns, item.Name) is not null)
                store.Delete(item.Type, ns, item.Name, DeleteOptions.AtOnce);
        }
    }

    private void RemoveType(ResourceType type)
    {
        foreach (var item in store.Committed.Table(type).All.ToList())
            store.Delete(type, item.Namespace, item.Name, DeleteOptions.AtOnce);
        store.RemoveType(type);
    }
}
