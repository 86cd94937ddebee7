using System.Text.Json;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>
/// Streams watches: one JSON object per line, ended by a deadline, an ERROR event, or a fault. See
/// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes.
/// </summary>
internal sealed class WatchHandler(ObjectStore store, KubeFaults faults, TimeProvider time, TimeSpan bookmarkPeriod)
{
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(30);

    /// <summary>Answers with the stream; returns when it is over.</summary>
    /// <param name="stopping">Cancelled when the server stops.</param>
    public async Task StreamAsync(KubeRequest request, HttpContext http, CancellationToken stopping)
    {
        var selector = request.Selector();
        var version = Versions.Read(request.Query["resourceVersion"]);
        WatchCursor cursor;
        try
        {
            cursor = store.Watch(request.StoredType, selector, request.Flag("sendInitialEvents") ? null : version);
        }
        catch (KubeFailure e) when (e.Code == 410)
        {
            await StartAsync(http);
            await WatchWriter.WriteAsync(http, "ERROR", JsonSerializer.SerializeToUtf8Bytes(e.ToStatus()));
            return;
        }
        var timeout = request.Number("timeoutSeconds") is { } seconds and > 0
            ? TimeSpan.FromSeconds(seconds)
            : LongestWatch;
        using var deadline = new CancellationTokenSource(timeout, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, http.RequestAborted, stopping);
        await StartAsync(http);
        faults.WatchesCut += http.Abort;
        try
        {
            var bookmarks = new BookmarkTimes(time, bookmarkPeriod, timeout);
            await new WatchWriter(request, http, cursor, faults, time, bookmarks).RunAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The proper end of a watch is the end of its body, without a word.
        }
        finally
        {
            faults.WatchesCut -= http.Abort;
        }
    }

    private static async Task StartAsync(HttpContext http)
    {
        http.Response.StatusCode = 200;
        http.Response.ContentType = "application/json";
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
