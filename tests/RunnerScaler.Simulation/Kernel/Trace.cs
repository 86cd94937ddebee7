namespace RunnerScaler.Simulation.Kernel;

/// <summary>
/// What happened: a hash over all of it, the last lines, and all lines to <paramref name="writer"/> if there is one.
/// </summary>
internal sealed class Trace(TextWriter? writer = null)
{
    private const int Kept = 400;
    private const ulong Prime = 0x9E3779B97F4A7C15;

    private readonly string[] lines = new string[Kept];
    private long count;

    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Whether every line is written, so that it is worth collecting more of them.</summary>
    public bool IsFull => writer is not null;

    public void Mix(long now, int chosen, int process)
    {
        Mix((ulong)now);
        Mix(((ulong)(uint)chosen << 32) | (uint)process);
    }

    public void Line(TimeSpan at, string who, string what)
    {
        foreach (var letter in what)
            Mix(letter);
        var line = string.Create(null, stackalloc char[64], $"{at:hh\\:mm\\:ss\\.fff} {who,-9} {what}");
        lines[count++ % Kept] = line;
        writer?.WriteLine(line);
    }

    /// <summary>A line that is not part of the history: it is written, if all are, and else dropped.</summary>
    public void Remark(TimeSpan at, string who, string what) =>
        writer?.WriteLine(string.Create(null, stackalloc char[64], $"{at:hh\\:mm\\:ss\\.fff} {who,-9} {what}"));

    /// <summary>The last lines, the oldest first.</summary>
    public IEnumerable<string> Tail(int most)
    {
        for (var i = Math.Max(0, count - Math.Min(most, Kept)); i < count; i++)
            yield return lines[i % Kept];
    }

    private void Mix(ulong value) => Hash = ulong.RotateLeft((Hash ^ value) * Prime, 29);
}
