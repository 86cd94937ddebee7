namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>An injected source of randomness, made safe for several tasks.</summary>
internal sealed class SharedRandom(Random random)
{
    private readonly Lock gate = new();

    /// <summary>A number from 0 up to, not including, 1.</summary>
    public double Next()
    {
        lock (gate)
            return random.NextDouble();
    }

    public TimeSpan Draw(Delay delay)
    {
        lock (gate)
            return delay.Draw(random);
    }

    public bool Hits(double share) => share > 0 && Next() < share;
}
