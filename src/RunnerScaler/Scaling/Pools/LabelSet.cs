using System.Collections;

namespace RunnerScaler.Scaling.Pools;

/// <summary>
/// The labels of a job (<c>runs-on</c>) or of a pool. Compared without regard to case, as GitHub's runner does; the
/// spelling that was given first is kept for display.
/// </summary>
internal sealed class LabelSet : IReadOnlyCollection<string>, IEquatable<LabelSet>
{
    public static readonly LabelSet Empty = new([]);

    private const int MostShown = 20;

    private readonly string[] sorted;

    private LabelSet(string[] sorted) => this.sorted = sorted;

    public static LabelSet Of(params IEnumerable<string> labels)
    {
        var distinct = labels.Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        Array.Sort(distinct, StringComparer.OrdinalIgnoreCase);
        return distinct.Length == 0 ? Empty : new LabelSet(distinct);
    }

    public int Count => sorted.Length;

    public bool Contains(string label) => Array.BinarySearch(sorted, label, StringComparer.OrdinalIgnoreCase) >= 0;

    /// <summary>
    /// True for the empty set, too: whether that means anything is for <see cref="Jobs.LabelMatch"/> to say.
    /// </summary>
    public bool IsSubsetOf(LabelSet other)
    {
        foreach (var label in sorted)
            if (!other.Contains(label))
                return false;
        return true;
    }

    public bool Equals(LabelSet? other) =>
        other is not null && sorted.AsSpan().SequenceEqual(other.sorted, StringComparer.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var label in sorted)
            hash.Add(label, StringComparer.OrdinalIgnoreCase);
        return hash.ToHashCode();
    }

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)sorted).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => sorted.GetEnumerator();

    /// <summary>For people: not more than a line, whoever wrote the labels.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", sorted.Take(MostShown).Select(l => l.Shown(60)))}{(Count > MostShown ? ", …" : "")}]";
}
