using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>Writes the events of one watch, and bookmarks while nothing happens.</summary>
internal sealed class WatchWriter(
    KubeRequest request, HttpContext http, WatchCursor cursor, KubeFaults faults, TimeProvider time,
    BookmarkTimes bookmarks)
{
    /// <summary>Writes until the watch is over; throws when <paramref name="end"/> is cancelled.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        var asksForBookmarks = request.Flag("allowWatchBookmarks");
        var marksInitialEnd = request.Flag("sendInitialEvents");
        while (await DrainAsync())
        {
            var idle = asksForBookmarks ? bookmarks.UntilNext() : Timeout.InfiniteTimeSpan;
            if (marksInitialEnd || idle == TimeSpan.Zero)
            {
                await BookmarkAsync(marksInitialEnd);
                marksInitialEnd = false;
                bookmarks.Sent();
                continue;
            }
            await WaitAsync(idle, end);
        }
    }

    /// <summary>Writes one event, at once.</summary>
    public static async Task WriteAsync(HttpContext http, string type, ReadOnlyMemory<byte> json)
    {
        var body = http.Response.BodyWriter;
        body.Write("{\"type\":\""u8);
        body.Write(Encoding.ASCII.GetBytes(type));
        body.Write("\",\"object\":"u8);
        body.Write(json.Span);
        body.Write("}\n"u8);
        await body.FlushAsync(http.RequestAborted);
    }

    private async Task WaitAsync(TimeSpan longest, CancellationToken end)
    {
        try
        {
            await cursor.WaitAsync().WaitAsync(longest, time, end);
        }
        catch (TimeoutException)
        {
            // Time for a bookmark.
        }
    }

    /// <summary>Writes what there is; false when the watch is over.</summary>
    private async Task<bool> DrainAsync()
    {
        try
        {
            while (cursor.TryNext(out var next))
            {
                if (faults.Hits(faults.WatchCutShare, request))
                {
                    http.Abort();
                    return false;
                }
                await WriteAsync(http, next.Type, KubeResponse.Of(200, next.Item, request.View).Body);
            }
            return true;
        }
        catch (KubeFailure e)
        {
            await WriteAsync(http, "ERROR", JsonSerializer.SerializeToUtf8Bytes(e.ToStatus()));
            return false;
        }
    }

    private async Task BookmarkAsync(bool endsInitial)
    {
        if (cursor.SeenVersion() is not { } version)
            return;
        var bookmark = WatchCursor.Bookmark(request.Type, version);
        if (endsInitial)
            bookmark.Metadata()["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        await WriteAsync(http, "BOOKMARK", JsonSerializer.SerializeToUtf8Bytes(bookmark));
    }
}
