using System.Collections.Concurrent;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Control.State;

/// <summary>What this process knows of each pod, by its uid.</summary>
internal sealed class RunnerNotes
{
    private readonly ConcurrentDictionary<string, RunnerNote> notes = new(StringComparer.Ordinal);

    /// <summary>How many pods anything is known of.</summary>
    public int Count => notes.Count;

    public RunnerNote Of(string uid) => notes.GetValueOrDefault(uid) ?? RunnerNote.None;

    public RunnerNote Update(string uid, Func<RunnerNote, RunnerNote> change) =>
        notes.AddOrUpdate(uid, _ => change(RunnerNote.None), (_, note) => change(note));

    /// <summary>
    /// Changes a note unless <paramref name="change"/> answers null; in one step, whoever else is at it.
    /// </summary>
    public bool TryUpdate(string uid, Func<RunnerNote, RunnerNote?> change)
    {
        while (true)
        {
            var known = notes.GetValueOrDefault(uid);
            if (change(known ?? RunnerNote.None) is not { } changed)
                return false;
            if (known is null ? notes.TryAdd(uid, changed) : notes.TryUpdate(uid, changed, known))
                return true;
        }
    }

    public void Forget(string uid) => notes.TryRemove(uid, out _);

    /// <summary>
    /// Forgets the runners that are gone and of whom something was learned only after that. One that nobody has seen
    /// yet and that claims already is none of them.
    /// </summary>
    public void Prune(Func<string, bool> isThere)
    {
        foreach (var (uid, note) in notes)
            if (!note.Waiting && !note.GrantInFlight && !isThere(uid))
                notes.TryRemove(new(uid, note));
    }
}
