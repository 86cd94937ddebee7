namespace RunnerScaler.GitHub.Http;

/// <summary>An answer that was kept.</summary>
/// <param name="Body">The uncompressed body.</param>
/// <param name="MediaType">The value of its <c>Content-Type</c>.</param>
/// <param name="Tag">Its entity tag.</param>
/// <param name="TokenDigest">A digest of the <c>Authorization</c> that the tag holds for; not the token itself.</param>
/// <param name="Predictable">Whether the tag is the one that <see cref="EntityTag"/> computes.</param>
/// <param name="Parsed">What its body was read as.</param>
internal sealed record KeptAnswer(
    byte[] Body, string MediaType, string Tag, string TokenDigest, bool Predictable, ParsedBody Parsed)
{
    /// <summary>Its header <c>Link</c>, which "not modified" need not repeat; null if it had none.</summary>
    public string? Link { get; init; }
}

/// <summary>The answers used last, bounded by number and by bytes. Safe to use from any thread.</summary>
internal sealed class AnswerCache(int maxEntries, long maxBytes)
{
    private readonly Lock guard = new();
    private readonly Dictionary<string, LinkedListNode<Item>> index = new(StringComparer.Ordinal);
    private readonly LinkedList<Item> byUse = new();

    public int Count
    {
        get
        {
            lock (guard)
                return index.Count;
        }
    }

    public long Bytes { get; private set; }

    public KeptAnswer? Find(string key)
    {
        lock (guard)
        {
            if (!index.TryGetValue(key, out var node))
                return null;
            byUse.Remove(node);
            byUse.AddFirst(node);
            return node.Value.Answer;
        }
    }

    public void Keep(string key, KeptAnswer answer)
    {
        lock (guard)
        {
            Drop(key);
            if (answer.Body.LongLength > maxBytes)
                return;
            index[key] = byUse.AddFirst(new Item(key, answer));
            Bytes += answer.Body.LongLength;
            while (index.Count > maxEntries || Bytes > maxBytes)
                Drop(byUse.Last!.Value.Key);
        }
    }

    public void Remove(string key)
    {
        lock (guard)
            Drop(key);
    }

    private void Drop(string key)
    {
        if (!index.Remove(key, out var node))
            return;
        byUse.Remove(node);
        Bytes -= node.Value.Answer.Body.LongLength;
    }

    private sealed record Item(string Key, KeptAnswer Answer);
}
