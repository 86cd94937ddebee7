using System.Globalization;
using RunnerScaler.Explaining;

namespace RunnerScaler.Web.Page;

/// <summary>
/// Makes views, each once for all who may read the same, and remembers the latest ones: whoever has one of them is only
/// told what has changed.
/// </summary>
internal sealed class PageViews(AskKnowledge ask, TimeProvider time)
{
    /// <summary>How fresh a view is.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    /// <summary>Readers with different rights, and two views of each.</summary>
    private const int Most = 8;

    private readonly Lock guard = new();
    private readonly LinkedList<(string Reader, PageView View)> latest = [];
    private (Knowledge? Known, long At)? gathered;
    private long count;

    /// <summary>What is known, gathered now or a moment ago; null if this replica does not lead.</summary>
    public Knowledge? Know()
    {
        lock (guard)
        {
            if (gathered is not { } last || last.Known is null || time.GetElapsedTime(last.At) >= Fresh)
                gathered = last = (ask(), time.GetTimestamp());
            return last.Known;
        }
    }

    /// <summary>The view of one reader: the one before, if it would look the same.</summary>
    public PageView Of(Knowledge known, Reader reader)
    {
        var name = NameOf(reader);
        lock (guard)
        {
            var before = latest.FirstOrDefault(l => l.Reader == name).View;
            if (before?.At == known.Now)
                return before;
            var view = PageView.Of(
                OverviewExplanation.Of(known, reader), (count + 1).ToString(CultureInfo.InvariantCulture));
            if (before is not null && view.IsSame(before))
                return before;
            count++;
            latest.AddFirst((name, view));
            if (latest.Count > Most)
                latest.RemoveLast();
            return view;
        }
    }

    /// <summary>The view that this reader was shown; null if it is forgotten.</summary>
    public PageView? Find(Reader reader, string version)
    {
        var name = NameOf(reader);
        lock (guard)
            return latest.FirstOrDefault(l => l.Reader == name && l.View.Version == version).View;
    }

    /// <summary>Nobody looks any more.</summary>
    public void Clear()
    {
        lock (guard)
        {
            latest.Clear();
            gathered = null;
        }
    }

    private static string NameOf(Reader reader) => reader.Everywhere
        ? $"* {reader.Unserved}"
        : $"{string.Join(' ', reader.Namespaces.Order(StringComparer.Ordinal))} {reader.Unserved}";
}
