namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>What was written to the cluster and to GitHub, in order.</summary>
internal sealed class Journal
{
    private readonly Lock guard = new();
    private readonly List<string> entries = [];

    public string[] Entries
    {
        get
        {
            lock (guard)
                return [.. entries];
        }
    }

    public void Add(string entry)
    {
        lock (guard)
            entries.Add(entry);
    }
}
