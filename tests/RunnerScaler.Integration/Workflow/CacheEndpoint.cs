using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RunnerScaler.Integration.Workflow;

/// <summary>
/// GitHub's cache as BuildKit uses it: the calls of version 2 and the blobs behind them, in memory
/// (https://github.com/actions/toolkit/tree/main/packages/cache, https://github.com/tonistiigi/go-actions-cache).
/// </summary>
internal sealed partial class CacheEndpoint
{
    private const string Calls = "/twirp/github.actions.results.api.v1.CacheService/";

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte[]> blobs = new(StringComparer.Ordinal);
    private int last;

    /// <summary>How many entries were found by who asked for them.</summary>
    public int Hits { get; private set; }

    public int Entries => entries.Values.Count(e => e.Done);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Calls + "CreateCacheEntry", http => CallAsync(http, Create));
        endpoints.MapPost(Calls + "FinalizeCacheEntryUpload", http => CallAsync(http, Finish));
        endpoints.MapPost(Calls + "GetCacheEntryDownloadURL", http => CallAsync(http, Find));
        endpoints.MapPut("/blobs/{name}", PutAsync);
        endpoints.MapMethods("/blobs/{name}", ["GET", "HEAD"], Read);
    }

    private static async Task CallAsync(HttpContext http, Func<JsonObject, string, JsonObject?> answer)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!.AsObject();
        var said = answer(body, $"{http.Request.Scheme}://{http.Request.Host}/blobs/");
        if (said is null)
            http.Response.StatusCode = StatusCodes.Status409Conflict;
        said ??= new JsonObject { ["code"] = "already_exists", ["msg"] = "there is such an entry" };
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(said.ToJsonString(), http.RequestAborted);
    }

    private static string KeyOf(JsonObject body, string? key = null) =>
        $"{body["version"]} {key ?? (string?)body["key"]}";

    private JsonObject? Create(JsonObject body, string blobs)
    {
        var entry = new Entry(Interlocked.Increment(ref last).ToString(CultureInfo.InvariantCulture), false);
        return entries.TryAdd(KeyOf(body), entry)
            ? new() { ["ok"] = true, ["signed_upload_url"] = blobs + entry.Blob }
            : null;
    }

    private JsonObject Finish(JsonObject body, string blobs)
    {
        var key = KeyOf(body);
        var known = entries.TryGetValue(key, out var entry);
        if (known)
            entries[key] = entry! with { Done = true };
        return new() { ["ok"] = known, ["entry_id"] = entry?.Blob ?? "0" };
    }

    private JsonObject Find(JsonObject body, string blobs)
    {
        var beginnings = body["restore_keys"]?.AsArray().Select(k => (string?)k) ?? [];
        foreach (var key in beginnings.Prepend((string?)body["key"]).Select(k => KeyOf(body, k)))
            if (entries.Where(e => e.Value.Done && e.Key.StartsWith(key, StringComparison.Ordinal))
                .OrderByDescending(e => e.Key == key).ThenByDescending(e => int.Parse(
                    e.Value.Blob, CultureInfo.InvariantCulture)).FirstOrDefault() is { Key: not null } found)
            {
                Hits++;
                return new()
                {
                    ["ok"] = true,
                    ["signed_download_url"] = blobs + found.Value.Blob,
                    ["matched_key"] = found.Key[(found.Key.IndexOf(' ', StringComparison.Ordinal) + 1)..],
                };
            }
        return new() { ["ok"] = false, ["signed_download_url"] = "", ["matched_key"] = "" };
    }

    // As Azure's block blobs: whole, or in blocks that a list puts together.
    private async Task PutAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var name = (string)http.Request.RouteValues["name"]!;
        switch (http.Request.Query["comp"])
        {
            case "block":
                blobs[$"{name} {http.Request.Query["blockid"]}"] = body.ToArray();
                break;
            case "blocklist":
                var list = System.Text.Encoding.UTF8.GetString(body.ToArray());
                blobs[name] = [.. BlockName().Matches(list).SelectMany(m => blobs[$"{name} {m.Groups[1].Value}"])];
                break;
            default:
                blobs[name] = body.ToArray();
                break;
        }
        Sign(http);
        http.Response.StatusCode = StatusCodes.Status201Created;
    }

    // BuildKit ends where one of these is missing.
    private static void Sign(HttpContext http)
    {
        http.Response.Headers.ETag = "\"1\"";
        http.Response.Headers.LastModified = $"{TimeProvider.System.GetUtcNow():R}";
        http.Response.Headers["x-ms-request-id"] = $"{Guid.NewGuid()}";
        http.Response.Headers["x-ms-version"] = "2020-10-02";
        http.Response.Headers["x-ms-blob-type"] = "BlockBlob";
    }

    private Task Read(HttpContext http)
    {
        if (!blobs.TryGetValue((string)http.Request.RouteValues["name"]!, out var blob))
            return Results.NotFound().ExecuteAsync(http);
        if (http.Request.Headers["x-ms-range"] is [{ } range])
            http.Request.Headers.Range = range;
        Sign(http);
        return Results.Bytes(blob, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(http);
    }

    [GeneratedRegex("<(?:Latest|Uncommitted|Committed)>([^<]+)<")]
    private static partial Regex BlockName();

    private sealed record Entry(string Blob, bool Done);
}
