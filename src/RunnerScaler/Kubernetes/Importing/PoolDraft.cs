using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>A pool that is being made of an object of ARC.</summary>
/// <param name="source">The object.</param>
internal sealed class PoolDraft(ArcObject source)
{
    private const int MostNotes = 60;

    private readonly List<string> notes = [];

    public ArcObject Source { get; } = source;

    /// <summary>The pool's spec.</summary>
    public JsonObject Spec { get; } = [];

    /// <summary>What could not be carried over, and why; a sentence each.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Why there is no pool; null if there is one.</summary>
    public string? Problem { get; private set; }

    public void Note(string sentence)
    {
        if (notes.Count < MostNotes && !notes.Contains(sentence))
            notes.Add(sentence);
    }

    public void Fail(string sentence) => Problem ??= sentence;

    /// <summary>The object below the spec by this name, made if it is missing.</summary>
    public JsonObject Part(string name)
    {
        if (Spec[name] is not JsonObject part)
            Spec[name] = part = [];
        return part;
    }

    /// <summary>Notes the fields that nobody has read.</summary>
    /// <param name="fields">All there are.</param>
    /// <param name="path">Where they are.</param>
    /// <param name="read">Those that were.</param>
    public void NoteUnread(JsonObject fields, string path, IReadOnlyCollection<string> read)
    {
        foreach (var (name, _) in fields.Where(f => f.Value is not null && !read.Contains(f.Key)))
            Note($"{path}{name.Shown()} was left out: RunnerScaler has nothing of the kind.");
    }
}
