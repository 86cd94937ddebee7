using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Watching;

namespace RunnerScaler.Tests.Kubernetes.Watching;

/// <summary>Objects of no importance, for the tests of watches.</summary>
internal static class Things
{
    public static readonly WatchTarget Target = new("things", "/api/v1/things");

    public static readonly WatchSettings Quick = new()
    {
        PageSize = 2,
        Silence = TimeSpan.FromSeconds(10),
        Shortest = TimeSpan.FromSeconds(300),
        Longest = TimeSpan.FromSeconds(600),
    };

    public static string Json(string name, int version, string? uid = null) =>
        $$$"""
        {"metadata":{"name":"{{{name}}}","namespace":"ns","uid":"{{{uid ?? "uid-" + name}}}",
         "resourceVersion":"{{{version}}}"} }
        """.ReplaceLineEndings("");

    public static string Event(string type, string name, int version, string? uid = null) =>
        $$$"""{"type":"{{{type}}}","object":{{{Json(name, version, uid)}}} }""";

    public static string Bookmark(int version) =>
        $$$"""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"{{{version}}}"} } }""";

    public const string Expired =
        """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""";

    public static string List(int version, string more, params string[] items) =>
        $$"""
        {"metadata":{"resourceVersion":"{{version}}","continue":"{{more}}"},"items":[{{string.Join(",", items)}}]}
        """;

    /// <summary>Keeps an object's name and version; refuses one that is called <c>bad</c>.</summary>
    public static string? Decode(JsonElement item)
    {
        var metadata = item.GetProperty("metadata");
        var name = metadata.GetProperty("name").GetString();
        return name switch
        {
            "bad" => throw new FormatException("a bad thing"),
            "foreign" => null,
            _ => $"{name}@{metadata.GetProperty("resourceVersion").GetString()}",
        };
    }

    public static WatchStream<string> Stream(ApiServer api, TimeProvider time) =>
        new(api, Target, Decode, Quick, new Random(1), time);

    public static Informer<string> Informer(
        ApiServer api, ObjectCache<string> cache, TimeProvider time, RecordedClusterMetrics metrics,
        Heartbeats? beats = null) =>
        new(
            Stream(api, time),
            Target,
            null,
            cache,
            Quick,
            new InformerDependencies(metrics, beats ?? new Heartbeats(time), new Random(1), time, NullLogger.Instance));
}
