using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.State;

/// <summary>Registrations that have, or may have, outlived their pod: to be deleted.</summary>
internal sealed class Orphans(ControlOptions options, TimeProvider time)
{
    /// <summary>More pods than this are not remembered; a sweep then looks twice.</summary>
    internal const int MostGone = 20_000;

    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    private readonly Lock guard = new();
    private readonly Dictionary<string, DateTimeOffset> gone = new(StringComparer.Ordinal);
    private readonly Queue<(string UidPart, DateTimeOffset At)> inOrder = new();

    public WorkQueue<Orphan> Keys { get; } = new(time, LongestRetry);

    public void Add(Orphan orphan) => Keys.Add(orphan);

    /// <summary>The pod of this uid was there and is not any more.</summary>
    public void Gone(string uid)
    {
        var now = time.GetUtcNow();
        lock (guard)
        {
            while (inOrder.TryPeek(out var oldest)
                && (inOrder.Count >= MostGone || now - oldest.At > options.SweepPeriod * 3))
            {
                inOrder.Dequeue();
                if (gone.GetValueOrDefault(oldest.UidPart) == oldest.At)
                    gone.Remove(oldest.UidPart);
            }
            var part = Slot.UidPart(uid);
            gone[part] = now;
            inOrder.Enqueue((part, now));
        }
    }

    /// <summary>
    /// Whether the pod whose uid begins so is known to be gone. False says nothing: it may be one of another cluster's.
    /// </summary>
    public bool IsGone(string uidPart)
    {
        lock (guard)
            return gone.ContainsKey(uidPart);
    }
}

/// <param name="Target">Where it is registered.</param>
/// <param name="RunnerName">Its name there.</param>
/// <param name="Id">GitHub's id; null if it has to be looked up by name.</param>
internal readonly record struct Orphan(RegistrationTarget Target, string RunnerName, long? Id);

/// <summary>The pure part's view of GitHub's answers.</summary>
internal static class DeregisterResults
{
    public static Deletion AsDeletion(this DeregisterResult result) => result switch
    {
        DeregisterResult.Deleted => Deletion.Deleted,
        DeregisterResult.Gone => Deletion.Gone,
        DeregisterResult.Busy => Deletion.Busy,
        _ => Deletion.Unknown,
    };
}
