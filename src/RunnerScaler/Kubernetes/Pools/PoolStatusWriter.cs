using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Pools;

/// <summary>
/// Writes pools' status: only when it differs, and at most once a second for each pool. A report that comes too soon is
/// kept, and the newest of them is written when the second has passed.
/// </summary>
internal sealed partial class PoolStatusWriter(
    ApiServer api, LeaderGate leader, Func<PoolKey, PoolEntry?> find, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<PoolKey, StatusSlot> sheets = new();

    public Task<bool> ReportAsync(PoolKey pool, PoolReport report, CancellationToken cancel)
    {
        if (!leader.IsOpen || find(pool) is null)
            return Task.FromResult(false);
        var sheet = sheets.GetOrAdd(pool, _ => new StatusSlot());
        sheet.Waiting = report;
        return sheet.IsDue(time) ? WriteAsync(pool, sheet, cancel) : Task.FromResult(true);
    }

    /// <summary>Writes what waits, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(cancel))
            foreach (var (pool, sheet) in sheets)
                if (find(pool) is null)
                    sheets.TryRemove(pool, out _);
                else if (sheet.Waiting is not null && sheet.IsDue(time))
                    await WriteAsync(pool, sheet, cancel);
    }

    private async Task<bool> WriteAsync(PoolKey pool, StatusSlot sheet, CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref sheet.Waiting, null) is not { } report)
            return true;
        if (!leader.IsOpen || find(pool) is not { } entry)
            return false;
        var current = sheet.Newest(entry);
        var wanted = PoolStatusJson.Render(report, current, time.GetUtcNow());
        if (PoolStatusJson.Holds(wanted, current))
            return true;
        sheet.WrittenAt = time.GetTimestamp();
        var patch = new JsonObject
        {
            // Fails on another pool that was made under the same name.
            ["metadata"] = new JsonObject { ["uid"] = entry.Uid },
            ["status"] = wanted,
        };
        var path = ResourcePaths.PoolStatus(pool.Namespace, pool.Name);
        var answer = await api.SendAsync(HttpMethod.Patch, path, patch, cancel, ApiServer.MergePatch);
        if (!answer.Ok)
        {
            LogFailed(pool, answer.Why);
            return false;
        }
        sheet.Written = new PoolEntry(answer.Root!.Value);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The status of pool {Pool} could not be written: {Why}")]
    private partial void LogFailed(PoolKey pool, string why);

    private sealed class StatusSlot
    {
        public PoolReport? Waiting;

        public long? WrittenAt { get; set; }

        public PoolEntry? Written { get; set; }

        public bool IsDue(TimeProvider time) => WrittenAt is not { } at || time.GetElapsedTime(at) >= Pause;

        /// <summary>The status after our last write, until the watch shows what is newer.</summary>
        public JsonObject Newest(PoolEntry watched) =>
            Written is { } written && written.Uid == watched.Uid && Version(written) > Version(watched)
                ? written.Status
                : watched.Status;

        private static ulong Version(PoolEntry entry) =>
            ulong.TryParse(entry.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? version
                : 0;
    }
}
