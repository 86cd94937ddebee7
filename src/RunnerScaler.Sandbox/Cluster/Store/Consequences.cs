using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Schema;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>
/// What the controllers of a real cluster do after a write, done here at once: the garbage collector deletes
/// dependents (in the background: the owner goes first), namespaces take their content with them, definitions make
/// their API appear and disappear. Service accounts are not made, as by a bare API server: a cluster's user does.
/// </summary>
internal sealed class Consequences(ObjectStore store)
{
    public void OfCreation(StoredObject item)
    {
        if (item.Type == KnownTypes.CustomResourceDefinitions)
            store.AddType(CustomTypes.TypeOf(item.Value));
        Collect(item);
    }

    public void OfChange(StoredObject item)
    {
        if (item.Type == KnownTypes.CustomResourceDefinitions)
            store.AddType(CustomTypes.TypeOf(item.Value));
    }

    public void OfRemoval(StoredObject item, bool orphan)
    {
        foreach (var dependent in store.Ledger.DependentsOf(item.Uid))
        {
            if (orphan)
                Disown(dependent, item.Uid);
            else
                Collect(dependent);
        }
        if (item.Type == KnownTypes.Namespaces)
            Empty(item.Name);
        else if (item.Type == KnownTypes.CustomResourceDefinitions)
            RemoveType(CustomTypes.TypeOf(item.Value));
    }

    /// <summary>Deletes an object all of whose owners are gone.</summary>
    private void Collect(StoredObject item)
    {
        var owners = item.Value.Objects("metadata", "ownerReferences").Select(o => o.Text("uid") ?? "").ToList();
        if (owners.Count > 0 && owners.TrueForAll(o => store.Ledger.FindByUid(o) is null))
            store.Delete(item.Type, item.Namespace, item.Name, new DeleteOptions(Uid: item.Uid));
    }

    private void Disown(StoredObject item, string owner) =>
        store.Modify(item.Type, item.Namespace, item.Name, value =>
        {
            var kept = value.Objects("metadata", "ownerReferences").Where(o => o.Text("uid") != owner);
            value.Metadata()["ownerReferences"] = new JsonArray([.. kept.Select(o => o.DeepClone())]);
            return value;
        });

    private void Empty(string ns)
    {
        foreach (var item in store.Ledger.Tables.ToList().SelectMany(t => t.All.ToList()).Where(o => o.Namespace == ns))
        {
            if (store.Find(item.Type, ns, item.Name) is not null)
                store.Delete(item.Type, ns, item.Name, DeleteOptions.AtOnce);
        }
    }

    private void RemoveType(ResourceType type)
    {
        foreach (var item in store.Ledger.Table(type).All.ToList())
            store.Delete(type, item.Namespace, item.Name, DeleteOptions.AtOnce);
        store.RemoveType(type);
    }
}
