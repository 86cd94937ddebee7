using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>How many runners there may be, and how many are kept ready.</summary>
internal static class Counts
{
    private const int Most = 10_000;

    /// <param name="draft">Gets <c>spec.limits</c> and <c>spec.warm</c>.</param>
    /// <param name="most">ARC's limit; null if it has none.</param>
    /// <param name="ready">How many ARC keeps ready.</param>
    /// <param name="options">The limit of what has none.</param>
    public static void Set(PoolDraft draft, int? most, int ready, ImportOptions options)
    {
        var limit = Math.Min(most ?? options.MaxRunners, Most);
        if (most is null)
            draft.Note($"ARC had no limit on runners, and a pool must have one: it is {limit}, unless you set what the "
                + "cluster can hold.");
        else if (most > Most)
            draft.Note($"The limit is {Most} instead of {most}: a pool cannot have more.");
        var standby = Math.Min(ready, limit);
        if (standby < ready)
            draft.Note($"{ready} runners were to be kept ready, and the limit is {limit}: warm.standby is that.");
        draft.Spec["limits"] = new JsonObject { ["maxRunners"] = limit };
        if (standby > 0)
            draft.Part("warm")["standby"] = standby;
    }
}
