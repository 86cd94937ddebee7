using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Watching;

/// <summary>
/// Lists and watches one kind of object, as in
/// <see href="https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes">API
/// concepts</see>. Says why each watch ended, keeps no request open after that, and takes no silence for health.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="target">What is watched.</param>
/// <param name="decode">
/// What is kept of an object; null for none of ours. What it throws makes that object, and no other, unreadable.
/// </param>
/// <param name="settings">Times and sizes.</param>
/// <param name="random">Spreads the ends of watches.</param>
/// <param name="time">Measures silence.</param>
internal sealed class WatchStream<T>(
    ApiServer api,
    WatchTarget target,
    Func<JsonElement, T?> decode,
    WatchSettings settings,
    Random random,
    TimeProvider time)
    where T : class
{
    private readonly string selector =
        target.LabelSelector is { } labels ? "&labelSelector=" + Uri.EscapeDataString(labels) : "";

    /// <summary>Reads the whole list, page by page, as it is now: a consistent read.</summary>
    public async Task<ObjectList<T>> ListAsync(CancellationToken cancel)
    {
        var items = new List<Observed<T>>();
        var next = "";
        var limit = settings.PageSize;
        while (true)
        {
            var page = next.Length == 0 ? "" : "&continue=" + Uri.EscapeDataString(next);
            var path = string.Create(
                CultureInfo.InvariantCulture, $"{target.Path}?limit={limit}{selector}{page}");
            var answer = await api.GetAsync(path, cancel);
            if (answer.Code == (int)HttpStatusCode.Gone && next.Length > 0)
            {
                // The pages outlived the server's memory of that moment: once more, now in one piece.
                (next, limit) = ("", 0);
                items.Clear();
                continue;
            }
            if (!answer.Ok)
                return new ObjectList<T>(null, "", answer.Why, answer.RetryAfter);
            try
            {
                var list = answer.Root;
                foreach (var item in list.Each("items"))
                    items.Add(Decode(item, deleted: false));
                next = list.Member("metadata").Text("continue") ?? "";
                if (next.Length == 0)
                    return new ObjectList<T>(items, list.Member("metadata").Text("resourceVersion") ?? "", "", null);
            }
            catch (Exception e) when (JsonText.IsUnreadable(e))
            {
                return new ObjectList<T>(null, "", $"the list cannot be decoded: {e.Message}", null);
            }
        }
    }

    /// <summary>Watches from a version on, until something ends it. Only cancellation throws.</summary>
    /// <param name="resourceVersion">Where to begin.</param>
    /// <param name="take">Sees every change.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="opened">Called when the server has agreed to it.</param>
    public async Task<WatchEnd> WatchAsync(
        string resourceVersion, Action<Observed<T>> take, CancellationToken cancel, Action? opened = null)
    {
        var pass = new WatchRequest(this, resourceVersion, take);
        using var silence = new CancellationTokenSource(settings.Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, silence.Token);
        try
        {
            var (response, failure) = await api.OpenAsync(PathFrom(resourceVersion), either.Token);
            using var answer = response;
            if (failure is not null)
                return pass.Refused(failure);
            opened?.Invoke();
            await using var lines = new JsonLines(await response.Content.ReadAsStreamAsync(either.Token));
            while (await lines.ReadAsync(pass.Take, either.Token))
                silence.CancelAfter(settings.Silence);
            return pass.End ?? pass.Ended("ended", "the server ended it");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return pass.Ended("silent", $"no line for {settings.Silence.TotalSeconds:0} s");
        }
        catch (InvalidDataException e)
        {
            // The same line would come again.
            return new WatchEnd("undecodable", true, resourceVersion, e.Message);
        }
        catch (Exception e) when (ApiServer.IsConnectionTrouble(e))
        {
            cancel.ThrowIfCancellationRequested();
            return pass.Ended("failed", api.Describe(e));
        }
    }

    private string PathFrom(string resourceVersion)
    {
        var span = settings.Longest - settings.Shortest;
        var seconds = (long)(settings.Shortest + (random.NextDouble() * span)).TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Path}?watch=1&allowWatchBookmarks=true&timeoutSeconds={Math.Max(1, seconds)}"
                + $"&resourceVersion={Uri.EscapeDataString(resourceVersion)}{selector}");
    }

    private Observed<T> Decode(JsonElement item, bool deleted)
    {
        var metadata = item.Member("metadata");
        if (metadata.Text("name") is not { } name || metadata.Text("uid") is not { } uid)
            throw new JsonException("an object has no name or uid");
        var seen = new Observed<T>(metadata.Text("namespace") ?? "", name, uid, null);
        try
        {
            return deleted ? seen : seen with { Value = decode(item) };
        }
        catch (Exception e) when (JsonText.IsUnreadable(e))
        {
            return seen with { Unreadable = e.Message };
        }
    }

    /// <summary>One watch: where it has come to, and what ended it.</summary>
    private sealed class WatchRequest(WatchStream<T> stream, string from, Action<Observed<T>> take)
    {
        private string version = from;

        public WatchEnd? End { get; private set; }

        public bool Take(ReadOnlySequence<byte> line)
        {
            Observed<T>? seen;
            try
            {
                using var json = JsonText.Parse(line);
                seen = Read(json.RootElement);
            }
            catch (Exception e) when (JsonText.IsUnreadable(e))
            {
                End = new WatchEnd("undecodable", true, version, e.Message);
                return false;
            }
            if (seen is { } item)
                take(item);
            return End is null;
        }

        public WatchEnd Ended(string reason, string why) => End ?? new WatchEnd(reason, false, version, why);

        public WatchEnd Refused(ApiAnswer answer) =>
            answer.Code == 410
                ? new WatchEnd("expired", true, version, answer.Why)
                : new WatchEnd("failed", false, version, answer.Why, answer.RetryAfter);

        private Observed<T>? Read(JsonElement change)
        {
            var item = change.Member("object") ?? throw new JsonException("an event has no object");
            switch (change.Text("type"))
            {
                case "ADDED" or "MODIFIED":
                    return At(item, stream.Decode(item, deleted: false));
                case "DELETED":
                    return At(item, stream.Decode(item, deleted: true));
                case "BOOKMARK":
                    return At(item, null);
                case "ERROR":
                    JsonElement? status = item;
                    var expired = status.Number("code") == 410 || status.Text("reason") is "Expired" or "Gone";
                    End = new WatchEnd(
                        expired ? "expired" : "failed", true, version, status.Text("message") ?? "an ERROR event");
                    return null;
                case var other:
                    throw new JsonException($"an event of the unknown type '{other}'");
            }
        }

        private Observed<T>? At(JsonElement item, Observed<T>? seen)
        {
            version = item.Member("metadata").Text("resourceVersion")
                ?? throw new JsonException("an object has no resourceVersion");
            return seen;
        }
    }
}
