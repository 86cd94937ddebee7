using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Control.State;

/// <summary>
/// What the API server refuses now, told by whoever sends requests. A definite refusal stands from its first answer on;
/// one that may pass by itself when it has lasted some seconds, or is said to last. It ends with the next success of
/// the same kind, or when nobody has met it for a while. Each is logged once, when it begins to stand, and once when it
/// ends.
/// </summary>
internal sealed partial class Refusals(IScalerMetrics metrics, TimeProvider time, ILogger<Refusals> log)
{
    /// <summary>What passes sooner is not told.</summary>
    internal static readonly TimeSpan Passing = TimeSpan.FromSeconds(5);

    /// <summary>After this without another refusal nobody asks any more: longer than every pause.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>The same for what other objects of its pool do not meet: longer than the pause of one.</summary>
    internal static readonly TimeSpan ShortMemory = TimeSpan.FromSeconds(45);

    private const int Most = 1000;
    private const int LongestLine = 1024;

    private readonly Lock guard = new();
    private volatile ImmutableDictionary<ApiRequest, Entry> entries = ImmutableDictionary<ApiRequest, Entry>.Empty;

    /// <summary>What stands has changed. Raised by whoever sent the request: take it lightly.</summary>
    public event Action? Changed;

    /// <summary>What stands, that of which most pools have most to fear first.</summary>
    public ImmutableArray<StandingRefusal> Standing
    {
        get
        {
            if (entries.IsEmpty)
                return [];
            Settle(Forgotten);
            return [.. entries.Values.Where(e => e.Stands)
                .Select(e => new StandingRefusal(e.Latest, e.Since, e.OthersWork) { About = KeyOf(e.Latest) })
                .OrderByDescending(s => s.Hurt).ThenBy(s => s.Since)
                .ThenBy(s => s.Refusal.Request.ToString(), StringComparer.Ordinal)];
        }
    }

    /// <summary>The API server refused.</summary>
    public void Refused(Refusal refusal)
    {
        if (Rights.IsOptional(refusal.Request))
            return;
        metrics.ApiRefused(refusal.Request.Verb, refusal.Request.Resource, refusal.Reason);
        var isNews = false;
        lock (guard)
        {
            var (key, now) = (KeyOf(refusal), time.GetUtcNow());
            var known = entries.GetValueOrDefault(key);
            if (known is null && entries.Count >= Most)
                return;
            var entry = known is null
                ? new Entry(refusal, now, now, 1, false, false)
                : known with { Latest = refusal, Last = now, Count = known.Count + 1 };
            var stands = refusal.IsDefinite || refusal.RetryAfter >= Passing
                || (entry.Count > 1 && now - entry.Since >= Passing);
            entry = entry with { Stands = entry.Stands || stands };
            entries = entries.SetItem(key, entry);
            if (!entry.Stands || (known is { Stands: true } && known.Latest.Reason == refusal.Reason))
                return;
            isNews = !entries.Any(e => e.Key != key && e.Value.Stands && IsSameEverywhere(e.Value.Latest, refusal));
        }
        var sentence = PlainText.Line(refusal.Sentence, LongestLine);
        if (isNews)
            LogBegun(sentence);
        Changed?.Invoke();
    }

    /// <summary>The API server did it, or gave an ordinary answer that shows that it would have.</summary>
    public void Succeeded(ApiRequest request)
    {
        if (!entries.IsEmpty)
            Settle(e => After(e, request));
    }

    /// <summary>The API server says, asked for no more than that, that it would refuse.</summary>
    public void Missing(ApiRequest request, string why)
    {
        // The words of a request that was refused say more.
        var refusal = new Refusal(RefusalReason.Forbidden, request, why);
        Refused(entries.GetValueOrDefault(KeyOf(refusal)) is { Latest.Reason: RefusalReason.Forbidden } known
            ? known.Latest
            : refusal);
    }

    /// <summary>The API server says that it would not refuse for want of the right.</summary>
    public void Allowed(ApiRequest request)
    {
        if (!entries.IsEmpty)
            Settle(e => e.Latest.Reason == RefusalReason.Forbidden && Covers(request, e.Latest.Request) ? null : e);
    }

    // A right in the whole cluster is one in each namespace, and one that names no object is one for all.
    private static bool Covers(ApiRequest right, ApiRequest asked) =>
        (right.Verb, right.Resource) == (asked.Verb, asked.Resource)
        && (right.Namespace.Length == 0 || right.Namespace == asked.Namespace)
        && (right.Name.Length == 0 || right.Name == asked.Name);

    private void Settle(Func<Entry, Entry?> change)
    {
        var ended = new List<Entry>();
        var changed = false;
        lock (guard)
            foreach (var (key, entry) in entries)
                if (change(entry) is not { } after)
                {
                    entries = entries.Remove(key);
                    ended.Add(entry);
                }
                else if (after != entry)
                {
                    entries = entries.SetItem(key, after);
                    changed = true;
                }
        foreach (var entry in ended.Where(e => e.Stands))
            LogEnded(entry.Latest.Request);
        if (changed || ended.Exists(e => e.Stands))
            Changed?.Invoke();
    }

    private Entry? Forgotten(Entry entry) =>
        time.GetUtcNow() - entry.Last < (entry.OthersWork ? ShortMemory : Memory) ? entry : null;

    private static Entry? After(Entry entry, ApiRequest done)
    {
        var refused = entry.Latest.Request;
        if (done.OfAny != refused.OfAny)
            return entry;
        if (KeyOf(entry.Latest) == KeyOf(entry.Latest with { Request = done }))
            return null;

        // A rule that denies one pod of a pool, and not the next, does not stop the pool.
        return Rights.PoolOf(refused) is { } pool && pool == Rights.PoolOf(done)
            ? entry with { OthersWork = true }
            : entry;
    }

    // What is missing in the whole cluster is missing in each namespace.
    private static bool IsSameEverywhere(Refusal one, Refusal other) =>
        one.Reason == other.Reason
        && (one.Request.Verb, one.Request.Resource) == (other.Request.Verb, other.Request.Resource)
        && (one.Request.Namespace.Length == 0 || other.Request.Namespace.Length == 0);

    // What is denied may be the one object's problem, and a right may be given for one Secret; all else is the same for
    // every name.
    private static ApiRequest KeyOf(Refusal refusal) =>
        refusal.Reason == RefusalReason.Denied || refusal.Request.Resource == "secrets"
            ? refusal.Request
            : refusal.Request.OfAny;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence}")]
    private partial void LogBegun(string sentence);

    [LoggerMessage(Level = LogLevel.Information, Message = "No longer refused, or no longer asked for: {Request}")]
    private partial void LogEnded(ApiRequest request);

    private sealed record Entry(
        Refusal Latest, DateTimeOffset Since, DateTimeOffset Last, int Count, bool Stands, bool OthersWork);
}
