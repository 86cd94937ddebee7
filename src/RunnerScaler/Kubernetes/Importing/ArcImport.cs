using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>A pool made of an object of ARC.</summary>
/// <param name="Source">The object, as it is called in messages.</param>
/// <param name="Key">Where the pool is to be, and its name; no namespace if the object did not say.</param>
/// <param name="Spec">Its spec; null if there is no pool.</param>
/// <param name="Notes">What is different, a sentence each; if there is no pool, why.</param>
internal sealed record ImportedPool(string Source, PoolKey Key, JsonObject? Spec, ImmutableArray<string> Notes);

/// <summary>What became of ARC's objects.</summary>
/// <param name="Pools">One for each object that has runners, in their order.</param>
/// <param name="Notes">What was seen besides, a sentence each.</param>
internal sealed record ImportResult(ImmutableArray<ImportedPool> Pools, ImmutableArray<string> Notes);

/// <summary>Makes pools of what Actions Runner Controller has.</summary>
internal static class ArcImport
{
    private const int MostPools = 2_000;
    private const int MostNotes = 100;

    /// <param name="documents">Objects, lists of objects, and files of values.</param>
    /// <param name="options">What they do not say.</param>
    /// <exception cref="ImportException">None of them says anything.</exception>
    public static ImportResult Convert(IEnumerable<JsonNode> documents, ImportOptions options)
    {
        var notes = new List<string>();
        var objects = new List<ArcObject>();
        foreach (var document in documents.SelectMany(Items))
            if (ObjectOf(document, options, notes) is { } found)
                objects.Add(found);
        if (objects.Count > MostPools)
            throw new ImportException($"There are more than {MostPools} objects: import them in parts.");
        var scalers = objects.Where(o => o.Kind == ArcKinds.Autoscaler).ToArray();
        var used = new HashSet<ArcObject>(ReferenceEqualityComparer.Instance);
        var pools = ImmutableArray.CreateBuilder<ImportedPool>();
        var names = new HashSet<PoolKey>();
        foreach (var found in objects.Except(scalers))
        {
            var scaler = scalers.FirstOrDefault(s => AutoscalerImport.Scales(s, found));
            if (scaler is not null)
                used.Add(scaler);
            pools.Add(Finish(
                found.Kind == ArcKinds.ScaleSet
                    ? ScaleSetImport.Convert(found, options)
                    : DeploymentImport.Convert(found, scaler, options),
                names));
        }
        notes.AddRange(scalers.Where(s => !used.Contains(s)).Select(s => $"{s} was left out: what it scales is not "
            + "there."));
        return new(pools.ToImmutable(), [.. notes.Distinct().Take(MostNotes)]);
    }

    /// <summary>A document, or what is in it if it is a list.</summary>
    private static IEnumerable<JsonNode?> Items(JsonNode document) =>
        document is JsonObject list && list.Text("kind")?.EndsWith("List", StringComparison.Ordinal) == true
            && list["items"] is JsonArray items
                ? items
                : [document];

    private static ArcObject? ObjectOf(JsonNode? document, ImportOptions options, List<string> notes)
    {
        if (document is not JsonObject fields)
        {
            notes.Add("A document that is no object was left out.");
            return null;
        }
        if (ValuesImport.IsScaleSet(fields))
            return ValuesImport.Of(fields, options);
        var found = ArcObject.Of(fields);
        if (ArcKinds.Listed.Any(k => k.Kind == found.Kind))
            return found;
        notes.Add(ArcKinds.Made.Contains(found.Kind)
            ? $"Objects of the kind {found.Kind} were left out: ARC makes them of others."
            : ValuesImport.WhyNot(fields) ?? (found.Kind.Length == 0
                ? "A document without a kind was left out: it is no object, and no values of ARC's charts."
                : $"Objects of the kind {found.Kind.Quote()} were left out: they describe no runners."));
        return null;
    }

    private static ImportedPool Finish(PoolDraft draft, HashSet<PoolKey> names)
    {
        var key = PoolNames.Choose(draft.Source, names);
        if (draft.Problem is null && key.Name != draft.Source.Name)
            draft.Note($"The pool is called {key.Name.Quote()}, since {draft.Source.Name.Quote()} is taken, or no "
                + "name of a pool.");
        if ((draft.Problem ?? ProblemOf(key, draft.Spec)) is { } why)
            return new(draft.Source.ToString(), key, null, [why]);
        names.Add(key);
        return new(draft.Source.ToString(), key, draft.Spec, [.. draft.Notes]);
    }

    /// <summary>What the controller would say of the pool; null if it would serve it.</summary>
    private static string? ProblemOf(PoolKey key, JsonObject spec)
    {
        var manifest = Manifest(key, spec);
        using var json = JsonText.Parse(Encoding.UTF8.GetBytes(manifest.ToJsonString()));
        var (pool, _) = RunnerPoolReader.ReadWhole(json.RootElement, new SpecReading());
        return pool.Problem is { } problem ? $"RunnerScaler would refuse it: {problem.Message}." : null;
    }

    /// <summary>The object to apply.</summary>
    public static JsonObject Manifest(PoolKey key, JsonObject spec)
    {
        var metadata = new JsonObject { ["name"] = key.Name };
        if (key.Namespace.Length > 0)
            metadata["namespace"] = key.Namespace;
        return new JsonObject
        {
            ["apiVersion"] = ResourcePaths.ApiVersion,
            ["kind"] = ResourcePaths.PoolKind,
            ["metadata"] = metadata,
            ["spec"] = spec.DeepClone(),
        };
    }
}
