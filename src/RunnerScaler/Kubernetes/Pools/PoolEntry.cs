using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>A pool as the watch showed it: what decisions need, its template, and its status.</summary>
internal sealed class PoolEntry
{
    private readonly PoolObject read;
    private readonly PodOptions wishes;
    private readonly JsonObject? template;
    private volatile Made? made;

    /// <summary>Never throws for what a user wrote: such a pool has a problem, by itself.</summary>
    public PoolEntry(JsonElement pool)
    {
        var metadata = pool.Member("metadata");
        ResourceVersion = metadata.Text("resourceVersion") ?? "";
        (read, wishes) = RunnerPoolReader.ReadWhole(pool, new SpecReading());
        var given = pool.Member("spec").Member("template");
        template = Object(given);
        if (read.Pool is not null && given is not null && template is null)
            read = read with
            {
                Pool = null,
                Problem = Unreadable("spec.template names a field twice, or is no object"),
            };
        Status = Object(pool.Member("status")) ?? [];
    }

    public PoolKey Key => read.Key;

    public string Uid => read.Uid;

    public string ResourceVersion { get; }

    public JsonObject Status { get; }

    /// <summary>Whether the two would be reconciled alike: only the status may differ.</summary>
    public bool SameSpec(PoolEntry other) =>
        Uid == other.Uid
        && read.Generation == other.read.Generation
        && read.Pool?.Deleting == other.read.Pool?.Deleting
        && read.Problem == other.read.Problem;

    /// <summary>
    /// Goes on with what was made of the one before, of which only the status differs: whoever has computed something
    /// of that pool need not do so again because a status was written.
    /// </summary>
    public void TakeOver(PoolEntry before) => made = before.made;

    /// <summary>
    /// The pool, with the revision of its pods' shape; and that shape, if neither the spec nor the cluster stand in the
    /// way.
    /// </summary>
    public (PoolObject Object, PodTemplate? Shape) At(PodDependencies around)
    {
        if (read.Pool is not { } pool)
            return (read, null);
        var cluster = around.Cluster();
        var cache = wishes.Builder.Cache is { } named ? around.CacheOf(Key.Namespace, named) : null;
        var claims = around.Claims();
        var last = made;
        if (last is not null && last.Claims == claims && last.Cluster == cluster && last.Cache == cache)
            return (last.Object, last.Shape);
        var choice = ProfileRule.Choose(wishes.Builder, template, around.Defaults.Builder, cluster);
        // What the cluster can do is seen anew every few minutes; only another decision makes another pool.
        var now = last is not null && last.Claims == claims && last.Choice == choice && last.Cache == cache
            ? last with { Cluster = cluster }
            : TryMake(pool, new Made(claims, cluster, cache, choice, read, null), around.Defaults);
        made = now;
        return (now.Object, now.Shape);
    }

    /// <summary>Whether the pool, or its pods' shape, is another than it was.</summary>
    public bool IsOutOfDate(PodDependencies around)
    {
        var before = made?.Object;
        return !ReferenceEquals(before, At(around).Object);
    }

    // What a user wrote may break what is made of it in ways that no rule has foreseen.
    private Made TryMake(Pool pool, Made basis, PodDefaults defaults)
    {
        try
        {
            return Make(pool, basis, defaults);
        }
        catch (Exception e) when (JsonText.IsUnreadable(e))
        {
            return basis with { Object = Broken(Unreadable($"no pod can be made of spec.template: {e.Message}"), []) };
        }
    }

    private Made Make(Pool pool, Made basis, PodDefaults defaults)
    {
        ImmutableArray<PoolCondition> cacheNotice = basis.Cache is null ? [] : [basis.Cache];
        if (basis.Choice is BuilderChoice.Refused { Problem: var problem })
            return basis with { Object = Broken(problem, [BuilderNotice(false, "Unavailable", problem.Message)]) };
        var selected = (BuilderChoice.Selected)basis.Choice;
        var notice = BuilderNotice(true, selected.Reason, selected.Message);
        if (basis.Cache is { Holds: false })
            return basis with
            {
                Object = Broken(
                    new Problem(ProblemReason.BuilderUnavailable, basis.Cache.Message), [notice, .. cacheNotice]),
            };
        var recipe = new PodInputs(Key, Uid, template, wishes, selected.Profile);
        if (PodBuilder.ImageOf(recipe, defaults) is null)
            return basis with { Object = Broken(NoImage, [notice, .. cacheNotice]) };
        var shape = PodBuilder.Build(recipe, defaults, basis.Claims);
        return basis with
        {
            Object = read with
            {
                Pool = pool with { Revision = shape.Revision },
                Notices = [.. read.Notices, notice, .. cacheNotice],
            },
            Shape = shape,
        };
    }

    private static Problem Unreadable(string why) => new(ProblemReason.SpecInvalid, why.Shown(300));

    private static Problem NoImage => new(
        ProblemReason.SpecInvalid,
        $"spec.template names no image for the container '{PodLabels.RunnerContainer}', and the controller has none "
            + "for all pools: build one from Dockerfile.runner, and set it in either place (Kubernetes:RunnerImage, or "
            + "RUNNERSCALER__Kubernetes__RunnerImage)");

    private PoolObject Broken(Problem problem, ImmutableArray<PoolCondition> notices) =>
        read with { Pool = null, Problem = problem, Notices = [.. read.Notices, .. notices] };

    private static PoolCondition BuilderNotice(bool holds, string reason, string message) =>
        new(Conditions.BuilderSelected, holds, reason, message);

    private static JsonObject? Object(JsonElement? element)
    {
        if (element is not { ValueKind: JsonValueKind.Object } value || value.NestsDeeperThan(RunnerPoolReader.Deepest))
            return null;
        try
        {
            return JsonText.ParseStrictly(value);
        }
        catch (Exception e) when (JsonText.IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>What was made, and of what, so that it need not be made again.</summary>
    private sealed record Made(
        ClaimEndpoint Claims,
        ClusterFacts Cluster,
        PoolCondition? Cache,
        BuilderChoice Choice,
        PoolObject Object,
        PodTemplate? Shape);
}
