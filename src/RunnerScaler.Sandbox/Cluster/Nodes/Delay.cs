namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>How long something takes: uniform between two times, with now and then a slow one.</summary>
/// <param name="SlowShare">Share of draws, from 0 to 1, that take up to <paramref name="SlowFactor"/> times the
/// most.</param>
internal sealed record Delay(TimeSpan Least, TimeSpan Most, double SlowShare = 0, double SlowFactor = 5)
{
    public static Delay None { get; } = Always(TimeSpan.Zero);

    public static Delay Always(TimeSpan time) => new(time, time);

    public static Delay Milliseconds(double least, double most) =>
        new(TimeSpan.FromMilliseconds(least), TimeSpan.FromMilliseconds(most));

    public TimeSpan Draw(Random random)
    {
        var time = Least + ((Most - Least) * random.NextDouble());
        return SlowShare > 0 && random.NextDouble() < SlowShare
            ? time + (Most * (SlowFactor - 1) * random.NextDouble())
            : time;
    }
}
