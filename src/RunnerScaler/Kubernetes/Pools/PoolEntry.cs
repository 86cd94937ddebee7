using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Scaling;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>A pool as the watch showed it: what decisions need, its template, and its status.</summary>
internal sealed class PoolEntry
{
    private readonly PoolObject read;
    private readonly JsonObject? template;
    private volatile Made? made;

    public PoolEntry(JsonElement pool)
    {
        read = RunnerPoolReader.Read(pool);
        var metadata = pool.Member("metadata");
        Uid = metadata.Text("uid") ?? "";
        ResourceVersion = metadata.Text("resourceVersion") ?? "";
        template = Object(pool.Member("spec").Member("template"));
        Status = Object(pool.Member("status")) ?? [];
    }

    public PoolKey Key => read.Key;

    public string Uid { get; }

    public string ResourceVersion { get; }

    public JsonObject Status { get; }

    /// <summary>Whether the two would be reconciled alike: only the status may differ.</summary>
    public bool SameSpec(PoolEntry other) =>
        Uid == other.Uid
        && read.Generation == other.read.Generation
        && read.Pool?.Deleting == other.read.Pool?.Deleting
        && read.Fault == other.read.Fault;

    /// <summary>The pool, with the revision of its pods' shape; and that shape, if the spec has no fault.</summary>
    public (PoolObject Object, PodShape? Shape) At(ClaimEndpoint claims, PodDefaults defaults)
    {
        if (read.Pool is not { } pool)
            return (read, null);
        if (made is { } last && last.Claims == claims)
            return (last.Object, last.Shape);
        var shape = PodBuilder.Build(pool.Key, Uid, template, defaults, claims);
        var with = read with { Pool = pool with { Revision = shape.Revision } };
        made = new Made(claims, shape, with);
        return (with, shape);
    }

    private static JsonObject? Object(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Object } value ? JsonObject.Create(value.Clone()) : null;

    /// <summary>What was made for a claim door, so that it need not be made again.</summary>
    private sealed record Made(ClaimEndpoint Claims, PodShape Shape, PoolObject Object);
}
